namespace Qwen3VL.Batch.Storage;

/// <content>Workers and leases.</content>
internal sealed partial class PostgresJobLedger
{
    /// <inheritdoc/>
    public async Task<long> RegisterWorkerAsync(WorkerIdentity worker, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        var row = new
        {
            Host = StoredText.Clean(worker.Host, 255),
            worker.ProcessId,
            Version = StoredText.Clean(worker.Version, 100),
            worker.Slots,
            Lanes = worker.Lanes.ToArray(),
        };
        long? id = await session.FindValueAsync<long>(LeaseSql.RegisterWorker, row).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);
        return id.GetValueOrDefault();
    }

    /// <inheritdoc/>
    public Task MarkDrainingAsync(long workerId, CancellationToken cancellationToken) => TellAsync(LeaseSql.MarkDraining, workerId, cancellationToken);

    /// <inheritdoc/>
    public Task UnregisterWorkerAsync(long workerId, CancellationToken cancellationToken) => TellAsync(LeaseSql.UnregisterWorker, workerId, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ClaimedGroup>> ClaimAsync(
        long workerId, ClaimLimits limits, TimeSpan leaseTime, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        var claim = new
        {
            WorkerId = workerId,
            limits.Count,
            limits.SharedCount,
            Lanes = limits.Lanes.ToArray(),
            Lanes.Interactive,
            LeaseSeconds = leaseTime.TotalSeconds,
        };
        IReadOnlyList<ClaimedGroup> groups = await session.QueryAsync<ClaimedGroup>(LeaseSql.Claim, claim).ConfigureAwait(false);
        Guid[] planned = [.. groups.Where(group => group.GroupNo == ClaimedGroup.PlanningGroupNo).Select(group => group.JobId)];
        if (planned.Length > 0)
        {
            await session.ExecuteAsync(LeaseSql.StartPlanning, new { JobIds = planned }).ConfigureAwait(false);
        }

        await session.CommitAsync().ConfigureAwait(false);
        return groups;
    }

    /// <inheritdoc/>
    public async Task<HeartbeatAnswer> HeartbeatAsync(
        long workerId, IReadOnlyList<LeaseKey> leases, TimeSpan leaseTime, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        bool drain = await session.FindValueAsync<bool>(LeaseSql.Beat, new { WorkerId = workerId }).ConfigureAwait(false) ?? false;
        IReadOnlyList<RenewedRow> renewed = [];
        if (leases.Count > 0)
        {
            var beat = new
            {
                WorkerId = workerId,
                LeaseSeconds = leaseTime.TotalSeconds,
                JobIds = leases.Select(lease => lease.JobId).ToArray(),
                GroupNos = leases.Select(lease => lease.GroupNo).ToArray(),
                Fences = leases.Select(lease => lease.Fence).ToArray(),
            };
            renewed = await session.QueryAsync<RenewedRow>(LeaseSql.Heartbeat, beat).ConfigureAwait(false);
        }

        await session.CommitAsync().ConfigureAwait(false);
        RenewedLease[] held = [.. renewed.Select(row => new RenewedLease(new LeaseKey(row.JobId, row.GroupNo, row.Fence), row.Cancelled))];
        return new HeartbeatAnswer(held, drain);
    }

    /// <inheritdoc/>
    public async Task ReleaseAsync(ClaimedGroup group, TimeSpan delay, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        var release = new { group.JobId, group.GroupNo, group.Fence, group.WorkerId, group.Outages, group.Defects, DelaySeconds = delay.TotalSeconds };
        await session.ExecuteAsync(LeaseSql.Release, release).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task FinishGroupAsync(ClaimedGroup group, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        int deleted = await session.ExecuteAsync(LeaseSql.Finish, group).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);
        if (deleted > 0)
        {
            // In a transaction of its own: it takes chunk locks, which come before the work row that was just deleted.
            _ = await EndCancelledAsync(group.JobId, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task TellAsync(string sql, long workerId, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        await session.ExecuteAsync(sql, new { WorkerId = workerId }).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);
    }
}
