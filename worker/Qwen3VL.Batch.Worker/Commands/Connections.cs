using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output.Html;
using Qwen3VL.Batch.Worker.Submission;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>Opens what commands talk to. One object, so that tests can put something else in its place.</summary>
internal abstract class Connections
{
    /// <summary>Opens the database for reading.</summary>
    public abstract Task<ReaderConnection> OpenReaderAsync(Settings settings, CancellationToken cancellationToken);

    /// <summary>What decodes sources again for a report.</summary>
    public abstract ReportMedia OpenMedia(Settings settings);

    /// <summary>Opens the broker for commands.</summary>
    public abstract Task<ICommandSender> OpenSenderAsync(Settings settings, CancellationToken cancellationToken);
}
