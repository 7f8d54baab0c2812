namespace Qwen3VL.Batch.Storage;

/// <content>Mending what the transactions of this program cannot break, and other hands can.</content>
internal sealed partial class PostgresJobLedger
{
    /// <inheritdoc/>
    public async Task<HealReport> HealAsync(CancellationToken cancellationToken)
    {
        // Each job by itself, as in a sweep: one that cannot be mended must not keep the others from it.
        List<Exception> errors = [];
        int groups = await ForEachJobAsync(HealSql.Orphaned, jobId => RebuildAsync(HealSql.RebuildGroups, HealSql.LockRunning, jobId, cancellationToken), errors, cancellationToken).ConfigureAwait(false);
        int plannings = await ForEachJobAsync(HealSql.Unplanned, jobId => RebuildAsync(HealSql.RebuildPlanning, HealSql.LockUnplanned, jobId, cancellationToken), errors, cancellationToken).ConfigureAwait(false);
        int jobs = 0;
        int counters = await ForEachJobAsync(
            HealSql.Miscounted,
            async jobId =>
            {
                (bool recounted, bool ended) = await RecountAsync(jobId, cancellationToken).ConfigureAwait(false);
                jobs += ended ? 1 : 0;
                return recounted ? 1 : 0;
            },
            errors,
            cancellationToken).ConfigureAwait(false);
        int stages = await GuardAsync(() => RunAsync(HealSql.FreeStages, cancellationToken), errors, cancellationToken).ConfigureAwait(false);
        return new HealReport(groups, plannings, stages, counters, jobs) { Errors = errors.Count > 0 ? errors : Array.Empty<Exception>() };
    }

    // The rows first and the job's lock after them, as everywhere; a job that has meanwhile ended or is being cancelled keeps nothing of it.
    private async Task<int> RebuildAsync(string rebuild, string lockJob, Guid jobId, CancellationToken cancellationToken)
    {
        var job = new
        {
            JobId = jobId,
            Quarantine.FirstGroupNo,
            Lanes.Bulk,
            Lanes.Interactive,
            Quarantine = Lanes.Quarantine,
            Lanes.LowestInteractivePriority,
            SlackSeconds = PrioritySlack.All,
            TenantFairness.PenaltySeconds,
        };
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        int rows = await session.ExecuteAsync(rebuild, job).ConfigureAwait(false);
        if (rows == 0 || await session.FindValueAsync<bool>(lockJob, job).ConfigureAwait(false) is null)
        {
            return 0;
        }

        await session.CommitAsync().ConfigureAwait(false);
        return rows;
    }

    private async Task<(bool Recounted, bool Ended)> RecountAsync(Guid jobId, CancellationToken cancellationToken)
    {
        var job = new { JobId = jobId };
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        _ = await session.QueryAsync<short>(HealSql.LockStages, job).ConfigureAwait(false);
        int changed = await session.ExecuteAsync(HealSql.CountStages, job).ConfigureAwait(false);
        if (await session.FindValueAsync<bool>(HealSql.LockRunning, job).ConfigureAwait(false) is null)
        {
            return (false, false);
        }

        changed += await session.ExecuteAsync(HealSql.CountJob, job).ConfigureAwait(false);
        bool ended = await EndJobAsync(session, jobId).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);
        return (changed > 0, ended);
    }
}
