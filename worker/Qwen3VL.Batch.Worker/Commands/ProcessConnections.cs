using Npgsql;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Submission;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>The real servers, files and model.</summary>
internal sealed class ProcessConnections(TimeProvider timeProvider) : Connections
{
    /// <inheritdoc/>
    public override ReaderConnection OpenReader(Settings settings)
    {
        NpgsqlDataSource database = LedgerDataSource.Create(settings.Database);
        return new ReaderConnection(new PostgresResultReader(database), database);
    }

    /// <inheritdoc/>
    public override NpgsqlDataSource OpenDatabase(Settings settings) => LedgerDataSource.Create(settings.Database);

    /// <inheritdoc/>
    public override DeadLetterConnection OpenDeadLetters(Settings settings)
    {
        NpgsqlDataSource database = LedgerDataSource.Create(settings.Database);
        return new DeadLetterConnection(new PostgresDeadLetters(database, settings.Planning, timeProvider), database);
    }

    /// <inheritdoc/>
    public override ISourceResolver OpenSources(Settings settings) => new SourceRouter(settings.Media, timeProvider);

    /// <inheritdoc/>
    public override IMediaDecoder OpenDecoder(Settings settings) => new MediaDecoder(settings.Media, timeProvider);

    /// <inheritdoc/>
    public override async Task<ICommandSender> OpenSenderAsync(Settings settings, CancellationToken cancellationToken) =>
        new BrokerCommandSender(await CommandClient.ConnectAsync(settings.Broker, timeProvider, cancellationToken).ConfigureAwait(false));

    /// <inheritdoc/>
    public override IInferenceEngine LoadEngine(Settings settings, CancellationToken cancellationToken) =>
        EngineFactory.Load(settings, timeProvider, log: null, cancellationToken);
}
