using System.Buffers;
using System.Text;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Tokenization;

public sealed class IncrementalDetokenizerTests
{
    private readonly BpeTokenizer _tokenizer = BpeTokenizer.Load(RepositoryPaths.TinyModel);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Append_RandomIds_JoinedEqualsDecodeAndNoPartEndsInsideACharacter(bool skipSpecial)
    {
        const int Seed = 31;
        var random = new Random(Seed);
        for (int round = 0; round < 2_000; round++)
        {
            // Any ids, most of them single bytes: mostly broken UTF-8.
            int[] tokens = [.. Enumerable.Range(0, random.Next(20)).Select(_ => random.Next(random.Next(2) == 0 ? 256 : 520))];
            var detokenizer = new IncrementalDetokenizer(_tokenizer, skipSpecial);
            var text = new StringBuilder();
            foreach (int token in tokens)
            {
                string part = detokenizer.Append(token);
                (part.Length > 0 && (char.IsHighSurrogate(part[^1]) || char.IsLowSurrogate(part[0]))).ShouldBeFalse();
                text.Append(part);
            }

            text.Append(detokenizer.Flush());
            text.ToString().ShouldBe(_tokenizer.Decode(tokens, skipSpecial), $"seed {Seed}, round {round}");
        }
    }

    [Fact]
    public void Append_CharacterOfManyTokens_ComesOutWhole()
    {
        int[] tokens = _tokenizer.Encode("😀", allowSpecial: false);
        var detokenizer = new IncrementalDetokenizer(_tokenizer);

        tokens.Select(detokenizer.Append).ShouldBe(["", "", "", "😀"]);
        detokenizer.Flush().ShouldBeEmpty();
    }

    [Fact]
    public void Append_RandomIds_HoldsBackNothingButTheStartOfACharacter()
    {
        const int Seed = 32;
        var random = new Random(Seed);
        for (int round = 0; round < 2_000; round++)
        {
            var detokenizer = new IncrementalDetokenizer(_tokenizer, skipSpecial: false);
            var bytes = new List<byte>();
            var text = new StringBuilder();
            for (int count = random.Next(20); count > 0; count--)
            {
                int token = random.Next(random.Next(2) == 0 ? 256 : 520);
                bytes.AddRange(_tokenizer.TokenBytes(token, skipSpecial: false));
                text.Append(detokenizer.Append(token));

                text.ToString().ShouldBe(Settled([.. bytes]), $"seed {Seed}, round {round}");
            }
        }
    }

    [Fact]
    public void Flush_InsideACharacter_GivesReplacementCharacterOnce()
    {
        int[] tokens = _tokenizer.Encode("😀", allowSpecial: false);
        var detokenizer = new IncrementalDetokenizer(_tokenizer);
        detokenizer.Append(tokens[0]);
        detokenizer.Append(tokens[1]);

        detokenizer.Flush().ShouldBe("\uFFFD");
        detokenizer.Flush().ShouldBeEmpty();
    }

    /// <summary>The text of bytes up to where another byte could still change it.</summary>
    private static string Settled(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        while (!bytes.IsEmpty && Rune.DecodeFromUtf8(bytes, out Rune rune, out int length) != OperationStatus.NeedMoreData)
        {
            text.Append(rune);
            bytes = bytes[length..];
        }

        return text.ToString();
    }
}
