using System.Diagnostics.CodeAnalysis;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// Token ids of short pieces seen lately. Each piece has two places; a new one takes the first and pushes what was there to the second, so
/// memory is bounded and text of nothing but new pieces costs an allocation each and no more. Thread-safe without locks: entries never
/// change, and of two threads that write one place either may win.
/// </summary>
internal sealed class PieceCache
{
    /// <summary>Characters of the longest piece that is kept; longer ones seldom come again.</summary>
    public const int MaxPieceLength = 32;

    // 2^15 places, at most 500 bytes each and a tenth of that in ordinary text, while a page of text has some hundred distinct pieces.
    private const int PlaceBits = 15;

    private readonly Entry?[] _places = new Entry?[1 << PlaceBits];

    /// <summary>Finds the tokens of a piece; the caller does not change them.</summary>
    public bool TryGet(ReadOnlySpan<char> piece, [NotNullWhen(true)] out int[]? tokens)
    {
        int place = PlaceOf(piece);
        Entry? entry = Volatile.Read(ref _places[place]);
        if (entry is null || !piece.SequenceEqual(entry.Piece))
        {
            entry = Volatile.Read(ref _places[place ^ 1]);
        }

        tokens = entry is not null && piece.SequenceEqual(entry.Piece) ? entry.Tokens : null;
        return tokens is not null;
    }

    /// <summary>Keeps the tokens of a piece when it is short; takes ownership of nothing.</summary>
    public void Add(ReadOnlySpan<char> piece, ReadOnlySpan<int> tokens)
    {
        if (piece.Length > MaxPieceLength)
        {
            return;
        }

        int place = PlaceOf(piece);
        Volatile.Write(ref _places[place ^ 1], Volatile.Read(ref _places[place]));
        Volatile.Write(ref _places[place], new Entry(piece.ToString(), tokens.ToArray()));
    }

    /// <summary>A hash of the characters, not keyed: pieces made to collide only push each other out.</summary>
    private static int PlaceOf(ReadOnlySpan<char> piece)
    {
        const ulong Mixer = 0x9E37_79B9_7F4A_7C15;
        ulong hash = (ulong)piece.Length;
        foreach (char unit in piece)
        {
            hash = (hash ^ unit) * Mixer;
        }

        // The pair of places is one of the even numbers, the first of the two either of them.
        return (int)(hash >> (64 - PlaceBits));
    }

    /// <summary>A piece and its tokens.</summary>
    private sealed record Entry(string Piece, int[] Tokens);
}
