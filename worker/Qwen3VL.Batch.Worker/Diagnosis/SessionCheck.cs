using System.Net.Sockets;
using Dapper;
using Npgsql;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>
/// Opens a session exactly as a worker does and judges what the server made of it, and the months that results will be stored in. Says nothing
/// when the database does not answer: another check does.
/// </summary>
internal sealed class SessionCheck(TimeProvider timeProvider) : ICheck
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<CheckResult>> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlDataSource database = LedgerDataSource.Create(settings.Database);
            await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            SessionFacts facts = await connection.QuerySingleAsync<SessionFacts>(new CommandDefinition(SessionFacts.Sql, cancellationToken: cancellationToken))
                .ConfigureAwait(false);
            return [.. SessionJudgement.Of(facts, settings, timeProvider.GetUtcNow()), await PartitionsAsync(database, facts, cancellationToken).ConfigureAwait(false)];
        }
        catch (Exception exception) when (exception is NpgsqlException or SocketException or TimeoutException)
        {
            return [];
        }
    }

    private static async Task<CheckResult> PartitionsAsync(NpgsqlDataSource database, SessionFacts facts, CancellationToken cancellationToken)
    {
        IReadOnlyList<PartitionMonth> months = await new PostgresPartitions(database).ListAsync(cancellationToken).ConfigureAwait(false);
        MonthsAhead ahead = MonthsAhead.Of(months, new DateTimeOffset(facts.ServerTime));
        return ahead.Enough
            ? new CheckResult("partitions", CheckLevel.Ok, ahead.Message)
            : new CheckResult("partitions", CheckLevel.Fail, ahead.Message, "run qwen3vl-batch migrate, or partitions ensure");
    }
}
