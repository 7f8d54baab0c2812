using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>
/// Says to the ledger how a group ended for this worker. Runs also when everything else is being stopped, so it has its own short time
/// limit; what it cannot say in that time, the expiring lease says.
/// </summary>
internal sealed class GroupSettler(IJobLedger ledger, BatchMetrics metrics, TimeProvider time, ILogger<GroupSettler> logger)
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    /// <summary>All chunks have ended, or the job is cancelled.</summary>
    public Task FinishAsync(HeldLease lease) => SettleAsync(lease, token => ledger.FinishGroupAsync(lease.Group, token));

    /// <summary>Chunks are left: gives the group back.</summary>
    public Task ReleaseAsync(HeldLease lease, TimeSpan delay, string reason)
    {
        logger.GroupReleased(lease.Group.JobId, lease.Group.GroupNo, lease.Group.Fence, reason, delay.TotalMilliseconds);
        return SettleAsync(lease, token => ledger.ReleaseAsync(lease.Group, delay, token));
    }

    /// <summary>
    /// Gives the group back and counts its chunks in flight as lost: the engine stopped or is stuck, and one of them may be why.
    /// </summary>
    public Task ReleaseLostAsync(HeldLease lease, TimeSpan delay, string reason)
    {
        logger.GroupReleased(lease.Group.JobId, lease.Group.GroupNo, lease.Group.Fence, reason, delay.TotalMilliseconds);
        return SettleAsync(
            lease,
            async token =>
            {
                TakenBack found = await ledger.ReleaseLostAsync(lease.Group, delay, token).ConfigureAwait(false);
                metrics.TookBack(found);
                logger.StartsLost(found.LostStarts, found.Quarantined, found.Crashed);
            });
    }

    private async Task SettleAsync(HeldLease lease, Func<CancellationToken, Task> call)
    {
        lease.Settle();
        using var limit = new CancellationTokenSource(TimeLimit, time);
        try
        {
            await call(limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Broad on purpose: the lease expires and the sweeper does the same a little later.
            logger.SettleFailed(lease.Group.JobId, lease.Group.GroupNo, exception.GetType().Name);
        }
    }
}
