using System.Globalization;
using Qwen3VL.Engine.Tokenization;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Tokenization;

public sealed class PieceCacheTests
{
    [Fact]
    public void TryGet_AnyOfManyPieces_GivesItsOwnTokensOrNone()
    {
        const int NumPieces = 100_000;
        var cache = new PieceCache();
        for (int piece = 0; piece < NumPieces; piece++)
        {
            cache.Add(Name(piece), [piece]);
        }

        int kept = 0;
        for (int piece = 0; piece < NumPieces; piece++)
        {
            if (cache.TryGet(Name(piece), out int[]? tokens))
            {
                tokens.ShouldBe([piece]);
                kept++;
            }
        }

        // Bounded by its places, and most of them hold one of the last pieces.
        kept.ShouldBeInRange(1 << 14, 1 << 15);
        cache.TryGet(Name(NumPieces - 1), out _).ShouldBeTrue();
    }

    [Fact]
    public void Add_LongPiece_IsNotKept()
    {
        var cache = new PieceCache();
        string longest = new('x', PieceCache.MaxPieceLength);
        cache.Add(longest, [1]);
        cache.Add(longest + "x", [1]);

        cache.TryGet(longest, out _).ShouldBeTrue();
        cache.TryGet(longest + "x", out _).ShouldBeFalse();
    }

    private static string Name(int piece) => piece.ToString(CultureInfo.InvariantCulture);
}
