using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// Token ids of short pieces seen before. Bounded: when full it keeps what it has, since common words come early. Thread-safe.
/// </summary>
internal sealed class PieceCache
{
    // 32,768 pieces of at most 64 characters: a few megabytes at worst, while a page of text has some hundred distinct pieces.
    private const int Capacity = 32_768;
    private const int MaxPieceLength = 64;

    private readonly ConcurrentDictionary<string, int[]> _tokens = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private int _count;

    /// <summary>Creates an empty one.</summary>
    public PieceCache()
    {
        _lookup = _tokens.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Pieces held.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Finds the tokens of a piece; the caller does not change them.</summary>
    public bool TryGet(ReadOnlySpan<char> piece, [NotNullWhen(true)] out int[]? tokens)
    {
        tokens = null;
        return piece.Length <= MaxPieceLength && _lookup.TryGetValue(piece, out tokens);
    }

    /// <summary>Keeps the tokens of a piece when there is room and the piece is short; takes ownership of nothing.</summary>
    public void Add(ReadOnlySpan<char> piece, ReadOnlySpan<int> tokens)
    {
        if (piece.Length > MaxPieceLength || Count >= Capacity)
        {
            return;
        }

        // Threads that pass the check together can overshoot by one piece each, which the bound can bear.
        if (_tokens.TryAdd(piece.ToString(), tokens.ToArray()))
        {
            Interlocked.Increment(ref _count);
        }
    }
}
