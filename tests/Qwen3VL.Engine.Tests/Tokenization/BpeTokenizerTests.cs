using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Tokenization;

public sealed class BpeTokenizerTests
{
    private readonly BpeTokenizer _tokenizer = BpeTokenizer.Load(RepositoryPaths.TinyModel);

    [Fact]
    public void VocabularySize_BundledModel_IsOneMoreThanLargestId()
    {
        _tokenizer.VocabularySize.ShouldBe(512);
        _tokenizer.TryGetAddedTokenId("</think>", out int last).ShouldBeTrue();
        last.ShouldBe(511);
        _tokenizer.TryGetAddedTokenId("the", out _).ShouldBeFalse();
    }

    [Fact]
    public void Decode_OfEncode_IsTextInFormC()
    {
        const int Seed = 4711;
        var random = new RandomText(Seed);
        for (int round = 0; round < 2_000; round++)
        {
            string text = random.Next(30);

            _tokenizer.Decode(_tokenizer.Encode(text, allowSpecial: false), skipSpecial: false)
                .ShouldBe(NfcNormalizer.Normalize(text, NormalizationTables.Unicode9).ToString(), $"seed {Seed}, round {round}");
        }
    }

    [Theory]
    [InlineData("<|im_end|>")]
    [InlineData("a<|vision_start|><|image_pad|><|vision_end|>b")]
    [InlineData("</think><tool_call><|endoftext|>")]
    public void Encode_SpecialTokensNotAllowed_ArePlainCharacters(string text)
    {
        int[] tokens = _tokenizer.Encode(text, allowSpecial: false);

        tokens.ShouldAllBe(id => id < 486);
        _tokenizer.Decode(tokens, skipSpecial: true).ShouldBe(text);
        _tokenizer.Encode([new(PromptSegmentKind.Text, text)]).ShouldBe(tokens);
        _tokenizer.Encode(text, allowSpecial: true).ShouldContain(id => id >= 486);
    }

    [Fact]
    public void Encode_SpecialTokenAcrossBorderOfTextAndMarkup_IsPlainCharacters()
    {
        int[] expected = _tokenizer.Encode("x<|im_end|>y", allowSpecial: false);

        _tokenizer.Encode([new(PromptSegmentKind.Text, "x<|im_"), new(PromptSegmentKind.Markup, "end|>y")]).ShouldBe(expected);
        _tokenizer.Encode([new(PromptSegmentKind.Markup, "x<|im_"), new(PromptSegmentKind.Text, "end|>y")]).ShouldBe(expected);
    }

    [Fact]
    public void Encode_SpecialTokenAcrossNeighbouringMarkup_IsSpecial() =>
        _tokenizer.Encode([new(PromptSegmentKind.Markup, "x<|im_"), new(PromptSegmentKind.Text, ""), new(PromptSegmentKind.Markup, "end|>y")])
            .ShouldBe(_tokenizer.Encode("x<|im_end|>y", allowSpecial: true));

    [Fact]
    public void Encode_MarkupAfterUntrustedText_IsStillSpecial()
    {
        _tokenizer.TryGetAddedTokenId("<|im_start|>", out int start).ShouldBeTrue();
        _tokenizer.TryGetAddedTokenId("<|im_end|>", out int end).ShouldBeTrue();

        int[] tokens = _tokenizer.Encode(
            [new(PromptSegmentKind.Markup, "<|im_start|>user\n"), new(PromptSegmentKind.Text, "<|im_end|>"), new(PromptSegmentKind.Markup, "<|im_end|>\n")]);

        tokens[0].ShouldBe(start);
        tokens.Count(id => id == end).ShouldBe(1);
        _tokenizer.Decode(tokens, skipSpecial: false).ShouldBe("<|im_start|>user\n<|im_end|><|im_end|>\n");
    }

    [Fact]
    public void Encode_TextCutIntoSegmentsAnywhere_EqualsOneText()
    {
        const int Seed = 99;
        var random = new RandomText(Seed);
        for (int round = 0; round < 1_000; round++)
        {
            string text = random.Next(20);
            PromptSegment[] segments = [.. random.Cut(text).Select(piece => new PromptSegment(PromptSegmentKind.Text, piece))];

            _tokenizer.Encode(segments).ShouldBe(_tokenizer.Encode(text, allowSpecial: false), $"seed {Seed}, round {round}");
        }
    }

    [Fact]
    public void Encode_MediaSegment_IsRefused() =>
        Should.Throw<ArgumentException>(() => _tokenizer.Encode([new(PromptSegmentKind.Image, "<|image_pad|>", 0)])).Message.ShouldContain("Image");

    [Fact]
    public void Encode_LoneSurrogate_IsReplacementCharacter() =>
        _tokenizer.Encode("a\uD83Db", allowSpecial: true).ShouldBe(_tokenizer.Encode("a\uFFFDb", allowSpecial: true));

    [Fact]
    public void Encode_SecondTime_IsEqualThoughCached()
    {
        const string Text = "the same words, the same words";
        int[] first = _tokenizer.Encode(Text, allowSpecial: true);
        first[0] = -1;

        _tokenizer.Encode(Text, allowSpecial: true).ShouldBe(BpeTokenizer.Load(RepositoryPaths.TinyModel).Encode(Text, allowSpecial: true));
    }

    [Fact]
    public void Encode_FromManyThreads_EqualsOneThread()
    {
        var random = new RandomText(5);
        string[] texts = [.. Enumerable.Range(0, 200).Select(_ => random.Next(30))];
        int[][] expected = [.. texts.Select(text => _tokenizer.Encode(text, allowSpecial: true))];
        BpeTokenizer fresh = BpeTokenizer.Load(RepositoryPaths.TinyModel);
        int[][] actual = new int[texts.Length][];

        Parallel.For(0, texts.Length, index => actual[index] = fresh.Encode(texts[index], allowSpecial: true));

        actual.ShouldBe(expected);
    }

    [Fact]
    public void Decode_BytesThatAreNoUtf8_AreReplacementCharacters()
    {
        int[] bytes = [.. _tokenizer.Encode("字", allowSpecial: false)];
        bytes.Length.ShouldBe(3);

        _tokenizer.Decode(bytes.AsSpan(0, 2), skipSpecial: false).ShouldBe("\uFFFD");
        _tokenizer.Decode([.. bytes[..2], .. bytes], skipSpecial: false).ShouldBe("\uFFFD字");
    }

    [Theory]
    [InlineData("F0 9F 98 41", "\uFFFDA")]
    [InlineData("F0 9F F0 9F 98 80", "\uFFFD\U0001F600")]
    [InlineData("F4 90 80 80", "\uFFFD\uFFFD\uFFFD\uFFFD")]
    [InlineData("ED A0 80 41", "\uFFFD\uFFFD\uFFFDA")]
    [InlineData("C0 AF E0 80 80", "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD")]
    [InlineData("41 E2 82", "A\uFFFD")]
    [InlineData("80 BF FE FF", "\uFFFD\uFFFD\uFFFD\uFFFD")]
    public void Decode_BrokenBytes_GivesOneReplacementForEachLongestStart(string bytes, string expected)
    {
        // Expected texts are the reference's (Rust, String::from_utf8_lossy).
        int[] tokenOfByte = new int[256];
        for (int token = 0; token < _tokenizer.VocabularySize; token++)
        {
            if (_tokenizer.TokenBytes(token, skipSpecial: false) is [var single])
            {
                tokenOfByte[single] = token;
            }
        }

        int[] tokens = [.. Convert.FromHexString(bytes.Replace(" ", "")).Select(value => tokenOfByte[value])];

        _tokenizer.Decode(tokens, skipSpecial: false).ShouldBe(expected);
    }

    [Fact]
    public void Decode_SpecialTokens_AreDroppedOnlyWhenAskedAndThinkTagsNever()
    {
        int[] tokens = _tokenizer.Encode("<|im_start|>a<think>b</think><|im_end|>", allowSpecial: true);

        _tokenizer.Decode(tokens, skipSpecial: true).ShouldBe("a<think>b</think>");
        _tokenizer.Decode(tokens, skipSpecial: false).ShouldBe("<|im_start|>a<think>b</think><|im_end|>");
    }

    [Fact]
    public void TokenBytes_IdWithoutToken_IsEmpty()
    {
        _tokenizer.TokenBytes(512, skipSpecial: false).IsEmpty.ShouldBeTrue();
        _tokenizer.TokenBytes(int.MaxValue, skipSpecial: true).IsEmpty.ShouldBeTrue();
        Should.Throw<ArgumentOutOfRangeException>(() => _tokenizer.TokenBytes(-1, skipSpecial: false).ToArray());
    }
}
