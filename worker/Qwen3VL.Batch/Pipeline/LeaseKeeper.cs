using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>
/// Keeps this worker's leases alive: one statement for all of them every third of the lease time. It runs apart from the work, so that a
/// slow chunk never delays a heartbeat. Safe from any thread.
/// </summary>
internal sealed class LeaseKeeper(
    IJobLedger ledger, WorkerOptions options, WakeUp wakeUp, ProcessExit exit, TimeProvider time, BatchMetrics metrics, ILogger<LeaseKeeper> logger)
{
    // A worker stops believing in its lease well before the database gives it away: the rest covers the time until the work has stopped.
    private const double TrustedShare = 0.8;
    private const int BeatsPerLease = 3;

    // Hints closer together than this are one beat: a thousand cancels must not be a thousand statements.
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(50);

    private readonly TimeSpan _leaseTime = TimeSpan.FromSeconds(options.LeaseSeconds);
    private readonly ConcurrentDictionary<LeaseKey, HeldLease> _held = new();
    private bool _drainSeen;

    /// <summary>Time between two heartbeats.</summary>
    public TimeSpan BeatInterval => _leaseTime / BeatsPerLease;

    /// <summary>Leases that are renewed now.</summary>
    public int HeldCount => _held.Count;

    /// <summary>The leases that are renewed now.</summary>
    public IReadOnlyList<HeldLease> Held => [.. _held.Values];

    /// <summary>Takes over a lease that a claim returned.</summary>
    /// <param name="group">The claimed group.</param>
    /// <param name="askedAt">Timestamp from before the claim was sent.</param>
    public HeldLease Hold(ClaimedGroup group, long askedAt)
    {
        var lease = new HeldLease(this, group, _leaseTime * TrustedShare, askedAt, time);
        _held[group.Key] = lease;
        return lease;
    }

    /// <summary>Beats in time, and at once on a hint, until the token fires. Failures of the database are survived: the local deadlines decide then.</summary>
    public async Task RunAsync(long workerId, CancellationToken cancellationToken)
    {
        try
        {
            long begun = time.GetTimestamp();
            while (true)
            {
                // A beat that hung for the whole interval is followed by the next one without a pause.
                TimeSpan left = BeatInterval - time.GetElapsedTime(begun);
                bool hinted = left > TimeSpan.Zero && await wakeUp.Leases.WaitAsync(left, time, cancellationToken).ConfigureAwait(false);
                begun = time.GetTimestamp();
                await BeatAsync(workerId, cancellationToken).ConfigureAwait(false);
                if (hinted)
                {
                    await Task.Delay(MinPause, time, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The worker has given all leases back.
        }
    }

    /// <summary>One heartbeat: renews, and ends leases that are lost or cancelled.</summary>
    public async Task BeatAsync(long workerId, CancellationToken cancellationToken)
    {
        HeldLease[] leases = [.. _held.Values];
        long askedAt = time.GetTimestamp();
        HeartbeatAnswer answer;
        try
        {
            // A beat that hangs longer than the interval has failed: the next one may get through on another connection.
            using var timeout = new CancellationTokenSource(BeatInterval, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            answer = await ledger.HeartbeatAsync(workerId, [.. leases.Select(lease => lease.Group.Key)], _leaseTime, either.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Broad on purpose: nothing that goes wrong in one beat may end the beats of a process that goes on working.
            logger.HeartbeatFailed(leases.Length, exception.GetType().Name);
            return;
        }

        if (answer.DrainRequested && !_drainSeen)
        {
            _drainSeen = true;
            logger.DrainRequested(workerId);
            exit.Stop();
        }

        Dictionary<LeaseKey, bool> cancelledByKey = answer.Leases.ToDictionary(lease => lease.Key, lease => lease.Cancelled);
        foreach (HeldLease lease in leases)
        {
            if (!_held.ContainsKey(lease.Group.Key))
            {
                continue;
            }

            if (!cancelledByKey.TryGetValue(lease.Group.Key, out bool cancelled))
            {
                _ = lease.EndWith(LeaseEnd.Lost);
            }
            else if (cancelled)
            {
                _ = lease.EndWith(LeaseEnd.Cancelled);
            }
            else
            {
                lease.Renew(askedAt);
            }
        }
    }

    /// <summary>Called by a lease that is about to be given back.</summary>
    public void Forget(HeldLease lease) => _held.TryRemove(KeyValuePair.Create(lease.Group.Key, lease));

    /// <summary>Called by a lease that ended before its work did. A cancelled lease is still renewed until its group is finished.</summary>
    public void OnEnded(HeldLease lease, LeaseEnd end)
    {
        if (end == LeaseEnd.Cancelled)
        {
            logger.LeaseCancelled(lease.Group.JobId, lease.Group.GroupNo, lease.Group.Fence);
            return;
        }

        Forget(lease);
        metrics.LeaseLost();
        logger.LeaseLost(lease.Group.JobId, lease.Group.GroupNo, lease.Group.Fence, end);
    }
}
