using Npgsql;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Submission;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>Opens what commands talk to. One object, so that tests can put something else in its place.</summary>
internal abstract class Connections
{
    /// <summary>Opens the database for reading.</summary>
    public abstract ReaderConnection OpenReader(Settings settings);

    /// <summary>Opens the database for an operator's command; the caller disposes it.</summary>
    public abstract NpgsqlDataSource OpenDatabase(Settings settings);

    /// <summary>Opens the database for dead letters.</summary>
    public abstract DeadLetterConnection OpenDeadLetters(Settings settings);

    /// <summary>Finds the files that jobs name.</summary>
    public abstract ISourceResolver OpenSources(Settings settings);

    /// <summary>Decodes files.</summary>
    public abstract IMediaDecoder OpenDecoder(Settings settings);

    /// <summary>Opens the broker for commands.</summary>
    public abstract Task<ICommandSender> OpenSenderAsync(Settings settings, CancellationToken cancellationToken);

    /// <summary>Loads the model; takes from seconds to minutes. The caller disposes the engine.</summary>
    public abstract IInferenceEngine LoadEngine(Settings settings, CancellationToken cancellationToken);
}
