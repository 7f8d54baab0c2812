using System.Text;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Tokenization;

public sealed class BytePairMergerTests
{
    private readonly BpeVocabulary _vocabulary = new(TokenizerFile.Read(RepositoryPaths.TinyModel));

    [Fact]
    public void Encode_RandomPieces_EqualsPlainRule()
    {
        const int Seed = 77;
        var random = new Random(Seed);
        var merger = new BytePairMerger(_vocabulary);
        for (int round = 0; round < 2_000; round++)
        {
            // Few letters, so that merges compete; some pieces far longer than the last, and on both sides of the border between the two ways.
            byte[] piece = [.. Enumerable.Range(0, random.Next(1, 3 * BytePairMerger.MaxSearchedBytes)).Select(_ => (byte)" theanoirs"[random.Next(10)])];
            var tokens = new List<int>();
            merger.Encode(piece, tokens);

            tokens.ShouldBe(EncodePlainly(piece), $"seed {Seed}, round {round}");
        }
    }

    [Theory]
    [InlineData("t")]
    [InlineData("e")]
    [InlineData(" ")]
    [InlineData("\n")]
    [InlineData("-")]
    [InlineData("😀")]
    [InlineData("字")]
    [InlineData("\u0301")]
    [InlineData("thereandthentheother")]
    public void Encode_TwiceAsMuchOfOneText_TakesTwiceTheWork(string unit)
    {
        string half = string.Concat(Enumerable.Repeat(unit, (1 << 17) / unit.Length));
        long work = WorkFor(half);

        // The seam between the halves may add a few steps.
        WorkFor(half + half).ShouldBeLessThanOrEqualTo(2 * work + 16);
    }

    [Fact]
    public void Encode_MegabyteOfManyMerges_TakesAtMostThreeCandidatesPerByte()
    {
        // Each byte is the left of at most one first candidate, and each of at most n - 1 merges adds at most two; each may be sorted once.
        string text = string.Concat(Enumerable.Repeat("thereandthentheother", 50_000));

        WorkFor(text).ShouldBeInRange(1, 2 * 3L * text.Length);
    }

    [Fact]
    public void Encode_LettersInRandomOrder_TakesTwiceTheWorkForTwiceTheText()
    {
        const int Seed = 78;
        var random = new Random(Seed);
        string text = string.Concat(Enumerable.Range(0, 1 << 18).Select(_ => " theanoirs"[random.Next(10)]));

        WorkFor(text).ShouldBeLessThan(WorkFor(text[..(text.Length / 2)]) * 22 / 10, $"seed {Seed}");
    }

    [Fact]
    public void Encode_WordsUpToTheSearchedLength_TakesFewStepsPerByte()
    {
        // A search looks at every pair before each merge: at most length / 2 a byte.
        byte[] word = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("there", 20)))[..BytePairMerger.MaxSearchedBytes];
        var merger = new BytePairMerger(_vocabulary);
        merger.Encode(word, []);

        merger.NumSteps.ShouldBeLessThanOrEqualTo(word.Length * word.Length / 2);
    }

    private long WorkFor(string text)
    {
        var merger = new BytePairMerger(_vocabulary);
        var tokens = new List<int>();
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        merger.Encode(bytes, tokens);
        tokens.Count.ShouldBeInRange(1, bytes.Length);
        return merger.NumSteps;
    }

    /// <summary>The definition: look at all pairs, merge the lowest rank, leftmost first, until none is left.</summary>
    private List<int> EncodePlainly(byte[] piece)
    {
        List<int> tokens = [.. piece.Select(value => _vocabulary.TokenOfByte(value))];
        while (true)
        {
            int best = -1;
            Merge bestMerge = new(int.MaxValue, 0);
            for (int index = 0; index + 1 < tokens.Count; index++)
            {
                if (_vocabulary.TryGetMerge(tokens[index], tokens[index + 1], out Merge merge) && merge.Rank < bestMerge.Rank)
                {
                    (best, bestMerge) = (index, merge);
                }
            }

            if (best < 0)
            {
                return tokens;
            }

            tokens[best] = bestMerge.TokenId;
            tokens.RemoveAt(best + 1);
        }
    }
}
