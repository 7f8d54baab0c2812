using System.Security.Cryptography;
using System.Text;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Tokenization;

public sealed class NfcNormalizerTests
{
    [Fact]
    public void Normalize_EveryCodePoint_EqualsReference()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int value = 0; value < 0x110000; value++)
        {
            if (Rune.TryCreate(value, out Rune rune))
            {
                hash.AppendData(Encoding.UTF8.GetBytes(Normalize(rune.ToString()) + "\n"));
            }
        }

        Convert.ToHexStringLower(hash.GetHashAndReset()).ShouldBe(Read().EveryCodePointSha256);
    }

    [Fact]
    public void Normalize_MarksAndJamoInAnyOrder_EqualsReference()
    {
        NfcGolden golden = Read();

        golden.Cases.Count.ShouldBe(400);
        golden.Cases.Where(item => Normalize(item.Text) != item.Nfc).ShouldBeEmpty();
    }

    [Fact]
    public void Normalize_LoneSurrogate_BecomesReplacementCharacter()
    {
        Normalize("a\uD800b").ShouldBe("a\uFFFDb");
        Normalize("\uDC00").ShouldBe("\uFFFD");
        Normalize("e\u0301\uD800").ShouldBe("\u00E9\uFFFD");
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain ASCII")]
    [InlineData("caf\u00E9 \u5B57 \uD55C\uAE00 \U0001F600")]
    public void Normalize_TextAlreadyInFormC_IsNotCopied(string text) =>
        NfcNormalizer.Normalize(text).Overlaps(text).ShouldBe(text.Length > 0);

    [Fact]
    public void Normalize_LongRunOfUnorderedMarks_IsSortedStably()
    {
        // Alternating classes 230 and 220: the 220 marks move to the front and each class keeps its order.
        string text = "q" + string.Concat(Enumerable.Repeat("\u0302\u0323", 50_000));

        Normalize(text).ShouldBe("q" + new string('\u0323', 50_000) + new string('\u0302', 50_000));
    }

    private static string Normalize(string text) => NfcNormalizer.Normalize(text).ToString();

    private static NfcGolden Read() => Goldens.Read<NfcGolden>("tokenizer", "nfc.json");

    private sealed record NfcGolden(string EveryCodePointSha256, IReadOnlyList<NfcCase> Cases);

    private sealed record NfcCase(string Text, string Nfc);
}
