using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>
/// A lease while this process works under it. Its token fires at once when the lease is lost or cancelled, and by a local monotonic deadline
/// when no heartbeat got through: a process that was paused must not trust itself. Owned by the task that runs the group; safe from any thread.
/// </summary>
internal sealed class HeldLease : IAsyncDisposable
{
    private readonly LeaseKeeper _keeper;
    private readonly TimeProvider _time;
    private readonly TimeSpan _trust;
    private readonly CancellationTokenSource _source = new();
    private readonly Lock _gate = new();
    private readonly ITimer _expiry;
    private Task _cancelling = Task.CompletedTask;
    private bool _disposed;

    /// <summary>Starts the local deadline.</summary>
    /// <param name="keeper">Renews it until it is settled.</param>
    /// <param name="group">What is leased.</param>
    /// <param name="trust">How long after the last confirmed renewal the lease is believed in; shorter than the lease itself.</param>
    /// <param name="askedAt">Timestamp from before the claim was sent: the database's lease began later, so the deadline errs on the safe side.</param>
    /// <param name="time">Monotonic clock and timers.</param>
    public HeldLease(LeaseKeeper keeper, ClaimedGroup group, TimeSpan trust, long askedAt, TimeProvider time)
    {
        _keeper = keeper;
        _time = time;
        _trust = trust;
        Group = group;
        Token = _source.Token;
        _expiry = time.CreateTimer(static state => ((HeldLease)state!).EndWith(LeaseEnd.Expired), this, Remaining(askedAt), Timeout.InfiniteTimeSpan);
    }

    /// <summary>What is leased. Its counts are the worker's to change: <see cref="Count"/>.</summary>
    public ClaimedGroup Group { get; private set; }

    /// <summary>Fires when the work must stop.</summary>
    public CancellationToken Token { get; }

    /// <summary>Why the token fired.</summary>
    public LeaseEnd End { get; private set; }

    /// <summary>Notes what was counted under this lease, to be stored when the group is given back. By the task that runs the group only.</summary>
    public void Count(ClaimedGroup counted) => Group = counted;

    /// <summary>Moves the local deadline after a heartbeat that the database confirmed.</summary>
    public void Renew(long askedAt)
    {
        lock (_gate)
        {
            if (!_disposed && End == LeaseEnd.Held)
            {
                _expiry.Change(Remaining(askedAt), Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Ends the lease for this process and fires the token; only the first end counts. Never waits for the work that stops.</summary>
    /// <returns>Whether this call ended it.</returns>
    public bool EndWith(LeaseEnd end)
    {
        lock (_gate)
        {
            if (_disposed || End != LeaseEnd.Held)
            {
                return false;
            }

            End = end;
            // Asynchronous, because what reacts to the token may take a while and the heartbeat of the other leases must not.
            _cancelling = _source.CancelAsync();
        }

        _keeper.OnEnded(this, end);
        return true;
    }

    /// <summary>Stops renewing: the group is about to be finished or released, and its absence from a heartbeat's answer is then no loss.</summary>
    public void Settle() => _keeper.Forget(this);

    /// <summary>Settles it and frees its timer.</summary>
    public async ValueTask DisposeAsync()
    {
        Settle();
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        await _expiry.DisposeAsync().ConfigureAwait(false);
        await _cancelling.ConfigureAwait(false);
        _source.Dispose();
    }

    private TimeSpan Remaining(long askedAt)
    {
        TimeSpan left = _trust - _time.GetElapsedTime(askedAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
