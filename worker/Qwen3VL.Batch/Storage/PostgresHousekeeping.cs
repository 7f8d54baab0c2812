using System.Runtime.ExceptionServices;
using Npgsql;

namespace Qwen3VL.Batch.Storage;

/// <summary>Housekeeping in PostgreSQL. Each batch is a transaction of its own, so that none holds many locks or a snapshot for long.</summary>
internal sealed class PostgresHousekeeping(NpgsqlDataSource database) : IHousekeeping
{
    /// <summary>Rows of one transaction: some milliseconds of work.</summary>
    internal const int Batch = 1_000;

    private static readonly string[] Deletions =
    [
        HousekeepingSql.DeleteWorkers, HousekeepingSql.DeleteKeys, HousekeepingSql.DeleteRejections, HousekeepingSql.DeleteInbox,
        HousekeepingSql.DeleteDeadLetters,
    ];

    /// <inheritdoc/>
    public async Task<HousekeepingReport> RunAsync(RetentionOptions retention, TimeSpan silence, CancellationToken cancellationToken)
    {
        List<Exception> errors = [];
        int lost = await GuardAsync(HousekeepingSql.MarkLost, new { SilenceSeconds = silence.TotalSeconds }, errors, cancellationToken).ConfigureAwait(false);
        var limits = new { retention.WorkerDays, retention.KeyDays, retention.InboxDays, retention.DeadLetterDays, Batch };
        long deleted = 0;
        foreach (string deletion in Deletions)
        {
            int rows;
            do
            {
                rows = await GuardAsync(deletion, limits, errors, cancellationToken).ConfigureAwait(false);
                deleted += rows;
            }
            while (rows == Batch);
        }

        if (errors.Count > 0)
        {
            ExceptionDispatchInfo.Throw(errors[0]);
        }

        return new HousekeepingReport(lost, deleted);
    }

    // Each part by itself: one table that cannot be put in order must not keep the others from it.
    private async Task<int> GuardAsync(string sql, object limits, List<Exception> errors, CancellationToken cancellationToken)
    {
        try
        {
            await using LedgerSession session = await LedgerSession.BeginAsync(database, cancellationToken).ConfigureAwait(false);
            int rows = await session.ExecuteAsync(sql, limits).ConfigureAwait(false);
            await session.CommitAsync().ConfigureAwait(false);
            return rows;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            errors.Add(exception);
            return 0;
        }
    }
}
