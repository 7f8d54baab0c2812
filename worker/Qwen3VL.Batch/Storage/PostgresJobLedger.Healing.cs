namespace Qwen3VL.Batch.Storage;

/// <content>Mending what the transactions of this program cannot break, and other hands can.</content>
internal sealed partial class PostgresJobLedger
{
    /// <inheritdoc/>
    public async Task<HealReport> HealAsync(CancellationToken cancellationToken)
    {
        int groups = 0;
        foreach (Guid jobId in await FindJobsAsync(HealSql.Orphaned, cancellationToken).ConfigureAwait(false))
        {
            groups += await RebuildAsync(HealSql.RebuildGroups, HealSql.LockRunning, jobId, cancellationToken).ConfigureAwait(false);
        }

        int plannings = 0;
        foreach (Guid jobId in await FindJobsAsync(HealSql.Unplanned, cancellationToken).ConfigureAwait(false))
        {
            plannings += await RebuildAsync(HealSql.RebuildPlanning, HealSql.LockUnplanned, jobId, cancellationToken).ConfigureAwait(false);
        }

        (int counters, int jobs) = (0, 0);
        foreach (Guid jobId in await FindJobsAsync(HealSql.Miscounted, cancellationToken).ConfigureAwait(false))
        {
            (bool recounted, bool ended) = await RecountAsync(jobId, cancellationToken).ConfigureAwait(false);
            counters += recounted ? 1 : 0;
            jobs += ended ? 1 : 0;
        }

        int stages = await RunAsync(HealSql.FreeStages, cancellationToken).ConfigureAwait(false);
        return new HealReport(groups, plannings, stages, counters, jobs);
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
