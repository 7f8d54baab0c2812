using Npgsql;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Engine;
using RabbitMQ.Client.Exceptions;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>What people see of an exception: one line for each problem, no stack, no secret.</summary>
/// <param name="ExitCode">One of <see cref="ExitCodes"/>.</param>
/// <param name="Lines">What was wrong and what to do.</param>
internal sealed record Failure(int ExitCode, IReadOnlyList<string> Lines)
{
    private const string Privilege =
        "the database user must have the right to do this: migrate, partitions drop and usage prices set are for the schema's owner (qwen3vl_migrate), drain, sweep and partitions ensure for workers (qwen3vl_worker)";

    /// <summary>Translates an exception.</summary>
    public static Failure Of(Exception exception) => exception switch
    {
        CommandException command => new Failure(command.ExitCode, [command.Message]),
        Submission.InvalidWorkException work => new Failure(ExitCodes.Usage, work.Problems),
        SettingsException settings => new Failure(ExitCodes.Usage, settings.Problems),
        ContentException content => new Failure(ExitCodes.Failed, [$"{content.Code}: {content.Message}"]),
        InvalidRequestException request => new Failure(ExitCodes.Failed, [request.Message]),
        CheckpointException checkpoint => new Failure(ExitCodes.Unreachable, [$"the model cannot be loaded: {checkpoint.Message}"]),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } => new Failure(ExitCodes.Failed, [Privilege]),
        PostgresException postgres => new Failure(ExitCodes.Unreachable, [Database(postgres)]),
        NpgsqlException => new Failure(
            ExitCodes.Unreachable,
            ["the database must be reachable; check Database:ConnectionString and run qwen3vl-batch doctor"]),
        Migrations.MigrationException migration => new Failure(ExitCodes.Failed, [migration.Message]),
        InvalidCommandException invalid => new Failure(ExitCodes.Usage, [invalid.Message]),
        BrokerException broker => new Failure(ExitCodes.Unreachable, [$"{broker.Message}; run qwen3vl-batch doctor"]),
        OperationInterruptedException refused => new Failure(
            ExitCodes.Unreachable,
            [$"the broker must let its user do this and stay connected; it answered {refused.ShutdownReason?.ReplyText ?? "nothing"}; run qwen3vl-batch doctor"]),
        IOException or UnauthorizedAccessException => new Failure(ExitCodes.Failed, [exception.Message]),
        _ => new Failure(ExitCodes.Defect, [$"defect: {exception.GetType().Name}; run again with --verbose and report it"]),
    };

    // The server's own text may quote values; its condition code may not.
    private static string Database(PostgresException exception) => exception.SqlState switch
    {
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName => "the database has no schema yet; run qwen3vl-batch migrate",
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => "the database refuses the user or password of Database:ConnectionString",
        PostgresErrorCodes.InvalidCatalogName => "the database named in Database:ConnectionString does not exist; create it",
        _ => $"the database refuses the command (SQLSTATE {exception.SqlState}); run qwen3vl-batch doctor",
    };
}
