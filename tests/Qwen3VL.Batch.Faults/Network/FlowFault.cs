namespace Qwen3VL.Batch.Faults.Network;

/// <summary>
/// A reply that never arrives: when a byte pattern passes for the n-th time, over all connections, it and what follows is swallowed and the
/// connection is reset. What was executed stays executed; who waits for the answer gets a broken connection. Safe from any thread.
/// </summary>
/// <param name="pattern">Bytes that mark the reply; at least one.</param>
/// <param name="first">First passing that is hit, from 1.</param>
/// <param name="every">From there on each n-th; 0 hits once.</param>
internal sealed class FlowFault(byte[] pattern, int first, int every = 0)
{
    private int _passed;
    private int _fired;

    /// <summary>Bytes that mark the reply.</summary>
    public ReadOnlyMemory<byte> Pattern { get; } = pattern;

    /// <summary>Times that the pattern was seen.</summary>
    public int Passed => Volatile.Read(ref _passed);

    /// <summary>Times that it was hit.</summary>
    public int Fired => Volatile.Read(ref _fired);

    /// <summary>Counts a passing and says whether it is hit.</summary>
    public bool Hits()
    {
        int passing = Interlocked.Increment(ref _passed);
        bool hits = passing == first || (every > 0 && passing > first && (passing - first) % every == 0);
        if (hits)
        {
            Interlocked.Increment(ref _fired);
        }

        return hits;
    }
}
