namespace Qwen3VL.Batch.Faults.Network;

/// <summary>Looks for a byte pattern in a stream that comes in pieces, also across their edges. Owned by one direction of one connection.</summary>
internal sealed class PatternWatch
{
    private byte[] _tail = [];

    /// <summary>
    /// Takes a piece; returns how many of its bytes lie before the first match that <paramref name="fault"/> hits, or null when it hits none.
    /// </summary>
    public int? Find(ReadOnlySpan<byte> piece, FlowFault fault)
    {
        ReadOnlySpan<byte> pattern = fault.Pattern.Span;
        byte[] bytes = [.. _tail, .. piece];
        int from = 0;
        while (bytes.AsSpan(from).IndexOf(pattern) is var at && at >= 0)
        {
            if (fault.Hits())
            {
                return Math.Max(0, from + at - _tail.Length);
            }

            from += at + pattern.Length;
        }

        // A match must not be counted twice: nothing before its end is looked at again.
        int keep = Math.Min(pattern.Length - 1, bytes.Length - from);
        _tail = bytes[^keep..];
        return null;
    }
}
