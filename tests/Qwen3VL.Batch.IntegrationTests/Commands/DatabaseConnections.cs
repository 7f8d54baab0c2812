using Npgsql;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Commands;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Submission;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.IntegrationTests.Commands;

/// <summary>Opens one database, whatever the settings say; there is nothing else.</summary>
internal sealed class DatabaseConnections(string connectionString) : Connections
{
    public override NpgsqlDataSource OpenDatabase(Settings settings) => LedgerDataSource.Create(new DatabaseOptions { ConnectionString = connectionString });

    public override ReaderConnection OpenReader(Settings settings)
    {
        NpgsqlDataSource database = OpenDatabase(settings);
        return new ReaderConnection(new PostgresResultReader(database), database);
    }

    public override DeadLetterConnection OpenDeadLetters(Settings settings)
    {
        NpgsqlDataSource database = OpenDatabase(settings);
        return new DeadLetterConnection(new PostgresDeadLetters(database, new PlanningOptions(), TimeProvider.System), database);
    }

    public override ISourceResolver OpenSources(Settings settings) => throw new NotSupportedException();

    public override IMediaDecoder OpenDecoder(Settings settings) => throw new NotSupportedException();

    public override Task<ICommandSender> OpenSenderAsync(Settings settings, CancellationToken cancellationToken) => throw new NotSupportedException();

    public override IInferenceEngine LoadEngine(Settings settings, CancellationToken cancellationToken) => throw new NotSupportedException();
}
