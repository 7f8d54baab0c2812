namespace Qwen3VL.Batch.Messaging;

/// <summary>
/// What this worker knows about its broker: written by <see cref="BrokerWatch"/>, read by health. Commands count as unheard while the broker
/// answers and this worker does not consume them; a broker that is away is not the worker's fault. Safe from any thread.
/// </summary>
internal sealed class BrokerStatus(BrokerWatchOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private bool _connected;
    private bool _blocked;
    private long? _unheardSince;

    /// <summary>Whether the broker answered at the last look.</summary>
    public bool Connected
    {
        get
        {
            lock (_gate)
            {
                return _connected;
            }
        }
    }

    /// <summary>Whether the broker takes no messages: an alarm of its memory or disk.</summary>
    public bool Blocked
    {
        get
        {
            lock (_gate)
            {
                return _connected && _blocked;
            }
        }
    }

    /// <summary>For how long commands have had no consumer here although the broker answered every time.</summary>
    public TimeSpan Unheard
    {
        get
        {
            lock (_gate)
            {
                return _unheardSince is long since ? time.GetElapsedTime(since) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Whether that is so long that the client library must be taken for dead.</summary>
    public bool EndpointLost => Unheard > options.LostAfter;

    /// <summary>The broker cannot be reached.</summary>
    public void NoteAway()
    {
        lock (_gate)
        {
            (_connected, _blocked, _unheardSince) = (false, false, null);
        }
    }

    /// <summary>The broker answered.</summary>
    /// <param name="consumed">Whether this worker consumes commands.</param>
    public void NoteLook(bool consumed)
    {
        lock (_gate)
        {
            _connected = true;
            _unheardSince = consumed ? null : _unheardSince ?? time.GetTimestamp();
        }
    }

    /// <summary>The broker said that it takes no messages, or takes them again.</summary>
    public void NoteBlocked(bool blocked)
    {
        lock (_gate)
        {
            _blocked = blocked;
        }
    }
}
