namespace Qwen3VL.Batch.Faults.Network;

/// <summary>
/// Applies <see cref="FlowRewrite"/>s to a stream that comes in pieces. A piece's end that may be the beginning of a match is kept back until
/// the next piece, or until <see cref="Flush"/>. Owned by one direction of one connection.
/// </summary>
internal sealed class StreamRewriter(IReadOnlyList<FlowRewrite> rewrites)
{
    private byte[] _kept = [];

    /// <summary>Whether bytes are kept back.</summary>
    public bool HasKept => _kept.Length > 0;

    /// <summary>Takes a piece; returns what can go on.</summary>
    public byte[] Take(ReadOnlySpan<byte> piece)
    {
        byte[] bytes = [.. _kept, .. piece];
        foreach (FlowRewrite rewrite in rewrites)
        {
            ReplaceAll(bytes, rewrite);
        }

        int keep = rewrites.Count == 0 ? 0 : rewrites.Max(rewrite => BeginningAtEnd(bytes, rewrite.From.Span));
        _kept = bytes[^keep..];
        return bytes[..^keep];
    }

    /// <summary>Gives up what was kept back: it was no match.</summary>
    public byte[] Flush()
    {
        byte[] kept = _kept;
        _kept = [];
        return kept;
    }

    private static void ReplaceAll(byte[] bytes, FlowRewrite rewrite)
    {
        int from = 0;
        while (bytes.AsSpan(from).IndexOf(rewrite.From.Span) is var at && at >= 0)
        {
            rewrite.To.Span.CopyTo(bytes.AsSpan(from + at));
            rewrite.Done();
            from += at + rewrite.From.Length;
        }
    }

    private static int BeginningAtEnd(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> pattern)
    {
        for (int length = Math.Min(pattern.Length - 1, bytes.Length); length > 0; length--)
        {
            if (bytes[^length..].SequenceEqual(pattern[..length]))
            {
                return length;
            }
        }

        return 0;
    }
}
