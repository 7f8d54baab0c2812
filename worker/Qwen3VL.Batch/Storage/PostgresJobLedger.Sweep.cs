using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Storage;

/// <content>Sweeping, cancelling, deadlines.</content>
internal sealed partial class PostgresJobLedger
{
    /// <inheritdoc/>
    public async Task<SweepReport> SweepAsync(CancellationToken cancellationToken)
    {
        // Each part by itself: one row that fails must not keep the rest from healing. Partitions first, because without them nothing is stored.
        List<Exception> errors = [];
        _ = await GuardAsync(() => _partitions.EnsureAsync(cancellationToken), errors, cancellationToken).ConfigureAwait(false);
        (int expired, TakenBack found) = await TakeBackExpiredAsync(errors, cancellationToken).ConfigureAwait(false);
        int cancelled = await ForEachJobAsync(SweepSql.Cancelling, jobId => WithdrawCancelledAsync(jobId, cancellationToken), errors, cancellationToken).ConfigureAwait(false);
        _ = await GuardAsync(() => RunAsync(SweepSql.MarkOverdue, cancellationToken), errors, cancellationToken).ConfigureAwait(false);
        int overdue = await ForEachJobAsync(SweepSql.Overdue, jobId => EndOverdueAsync(jobId, cancellationToken), errors, cancellationToken).ConfigureAwait(false);
        return new SweepReport(expired, cancelled, overdue) { Found = found, Errors = errors.Count > 0 ? errors : Array.Empty<Exception>() };
    }

    private static async Task<int> GuardAsync(Func<Task<int>> part, List<Exception> errors, CancellationToken cancellationToken)
    {
        try
        {
            return await part().ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            errors.Add(exception);
            return 0;
        }
    }

    private async Task<int> ForEachJobAsync(string find, Func<Guid, Task<int>> act, List<Exception> errors, CancellationToken cancellationToken)
    {
        IReadOnlyList<Guid> jobs = [];
        _ = await GuardAsync(
            async () => (jobs = await FindJobsAsync(find, cancellationToken).ConfigureAwait(false)).Count, errors, cancellationToken).ConfigureAwait(false);
        int done = 0;
        foreach (Guid jobId in jobs)
        {
            done += await GuardAsync(() => act(jobId), errors, cancellationToken).ConfigureAwait(false);
        }

        return done;
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
    private async Task<int> WithdrawCancelledAsync(Guid jobId, CancellationToken cancellationToken)
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
    private async Task<int> EndCancelledAsync(Guid jobId, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyList<Guid> replayed = await LockReplayedAsync(session, jobId).ConfigureAwait(false);
        await session.ExecuteAsync(SweepSql.CancelChunks, new { JobId = jobId }).ConfigureAwait(false);
        JobCounts? ended = await session.FindAsync<JobCounts>(SweepSql.EndCancelled, new { JobId = jobId }).ConfigureAwait(false);
        if (ended is null)
        {
            return 0;
        }

        await ReopenAsync(session, jobId, replayed, StoredWord.Of(JobState.Cancelled)).ConfigureAwait(false);
        await session.AddEventAsync(jobId, ended.FinalEvent()).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);
        return 1;
    }

    private async Task<int> EndOverdueAsync(Guid jobId, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        var end = new { JobId = jobId, Code = ErrorCodes.DeadlineExceeded, Message = "the job must end before its deadline; it passed" };
        await session.ExecuteAsync(SweepSql.FailChunks, end).ConfigureAwait(false);
        await session.ExecuteAsync(SweepSql.DeleteGroups, end).ConfigureAwait(false);
        JobCounts? ended = await session.FindAsync<JobCounts>(SweepSql.EndOverdue, end).ConfigureAwait(false);
        if (ended is null)
        {
            // Cancelled in between: the cancel goes first, nothing of this is kept.
            return 0;
        }

        await session.AddEventAsync(jobId, ended.FinalEvent()).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);
        return 1;
    }
}
