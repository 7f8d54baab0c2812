using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Storage;

/// <content>Sweeping, cancelling, deadlines.</content>
internal sealed partial class PostgresJobLedger
{
    /// <inheritdoc/>
    public async Task<SweepReport> SweepAsync(CancellationToken cancellationToken)
    {
        int expired = await RunAsync(LeaseSql.TakeBackExpired, cancellationToken).ConfigureAwait(false);
        int cancelled = 0;
        foreach (Guid jobId in await FindJobsAsync(SweepSql.Cancelling, cancellationToken).ConfigureAwait(false))
        {
            cancelled += await WithdrawCancelledAsync(jobId, cancellationToken).ConfigureAwait(false) ? 1 : 0;
        }

        _ = await RunAsync(SweepSql.MarkOverdue, cancellationToken).ConfigureAwait(false);
        int overdue = 0;
        foreach (Guid jobId in await FindJobsAsync(SweepSql.Overdue, cancellationToken).ConfigureAwait(false))
        {
            overdue += await EndOverdueAsync(jobId, cancellationToken).ConfigureAwait(false) ? 1 : 0;
        }

        _ = await RunAsync(SweepSql.EnsurePartitions, cancellationToken).ConfigureAwait(false);
        return new SweepReport(expired, cancelled, overdue);
    }

    private async Task<int> RunAsync(string sql, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        int rows = await session.ExecuteAsync(sql).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);
        return rows;
    }

    private async Task<IReadOnlyList<Guid>> FindJobsAsync(string sql, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        return await session.QueryAsync<Guid>(sql).ConfigureAwait(false);
    }

    // Second half of a cancel: holders are told, groups that nobody holds go, and the job ends when none is left.
    private async Task<bool> WithdrawCancelledAsync(Guid jobId, CancellationToken cancellationToken)
    {
        await using (LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false))
        {
            await session.ExecuteAsync(SweepSql.MarkCancelled, new { JobId = jobId }).ConfigureAwait(false);
            await session.ExecuteAsync(SweepSql.DeleteUnheld, new { JobId = jobId }).ConfigureAwait(false);
            await session.CommitAsync().ConfigureAwait(false);
        }

        return await EndCancelledAsync(jobId, cancellationToken).ConfigureAwait(false);
    }

    // A job that is being cancelled gets no new groups, so "none is left" stays true once seen.
    private async Task<bool> EndCancelledAsync(Guid jobId, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        await session.ExecuteAsync(SweepSql.CancelChunks, new { JobId = jobId }).ConfigureAwait(false);
        JobCounts? ended = await session.FindAsync<JobCounts>(SweepSql.EndCancelled, new { JobId = jobId }).ConfigureAwait(false);
        if (ended is null)
        {
            return false;
        }

        await session.AddEventAsync(jobId, ended.FinalEvent()).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);
        return true;
    }

    private async Task<bool> EndOverdueAsync(Guid jobId, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        var end = new { JobId = jobId, Code = ErrorCodes.DeadlineExceeded, Message = "the job must end before its deadline; it passed" };
        await session.ExecuteAsync(SweepSql.FailChunks, end).ConfigureAwait(false);
        await session.ExecuteAsync(SweepSql.DeleteGroups, end).ConfigureAwait(false);
        JobCounts? ended = await session.FindAsync<JobCounts>(SweepSql.EndOverdue, end).ConfigureAwait(false);
        if (ended is null)
        {
            // Cancelled in between: the cancel goes first, nothing of this is kept.
            return false;
        }

        await session.AddEventAsync(jobId, ended.FinalEvent()).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);
        return true;
    }
}
