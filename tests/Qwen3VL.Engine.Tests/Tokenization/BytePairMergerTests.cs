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
            // Few letters, so that merges compete; some pieces far longer than the last.
            byte[] piece = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => (byte)" theanoirs"[random.Next(10)])];
            var tokens = new List<int>();
            merger.Encode(piece, tokens);

            tokens.ShouldBe(EncodePlainly(piece), $"seed {Seed}, round {round}");
        }
    }

    [Theory]
    [InlineData('t')]
    [InlineData('e')]
    public void Encode_MegabyteOfOneLetter_TakesWorkInProportionToLength(char letter)
    {
        long work = WorkFor(new string(letter, 1 << 20));
        long workOfSixteenth = WorkFor(new string(letter, 1 << 16));

        work.ShouldBeLessThanOrEqualTo(16 * workOfSixteenth + 16);
        work.ShouldBeLessThan(3L << 20);
    }

    [Fact]
    public void Encode_MegabyteOfManyMerges_TakesAtMostThreeCandidatesPerByte()
    {
        // Each byte is the left of at most one first candidate, and each of at most n - 1 merges adds at most two.
        string text = string.Concat(Enumerable.Repeat("thereandthentheother", 50_000));

        WorkFor(text).ShouldBeInRange(1, 3L * text.Length);
    }

    private long WorkFor(string text)
    {
        var merger = new BytePairMerger(_vocabulary);
        var tokens = new List<int>();
        merger.Encode(Encoding.UTF8.GetBytes(text), tokens);
        tokens.Count.ShouldBeInRange(1, text.Length);
        return merger.NumCandidates;
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
