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

    [Theory]
    [InlineData(60)]
    [InlineData(70)]
    [InlineData(500)]
    public void Normalize_RunsOfMarksOfAnyLength_AreSortedStably(int length)
    {
        const int Seed = 15;
        var random = new Random(Seed);
        NormalizationTables tables = NormalizationTables.Unicode9;

        // Marks of classes 1, 202, 220, 230 and 240 that compose with nothing.
        int[] marks = [0x334, 0x335, 0x321, 0x322, 0x316, 0x317, 0x30D, 0x30E, 0x345];
        int[] run = [.. Enumerable.Range(0, length).Select(_ => marks[random.Next(marks.Length)])];

        Normalize("x" + Join(run)).ShouldBe("x" + Join(run.OrderBy(tables.CombiningClass)), $"seed {Seed}");
    }

    [Fact]
    public void Normalize_TextInParts_EqualsWholeTextCutAtBoundaries()
    {
        const int Seed = 16;
        var random = new RandomText(Seed);
        NormalizationTables tables = NormalizationTables.Unicode9;
        for (int round = 0; round < 3_000; round++)
        {
            // The definition: every stretch between boundaries by itself, doubtful or not.
            string text = random.Next(20);
            var expected = new StringBuilder();
            var stretch = new NfcStretch(tables);
            string open = "";
            foreach (Rune rune in text.EnumerateRunes())
            {
                if (tables.IsBoundary(rune.Value))
                {
                    expected.Append(stretch.Normalize(open));
                    open = "";
                }

                open += rune;
            }

            expected.Append(stretch.Normalize(open));
            NfcNormalizer.Normalize(text, tables).ToString().ShouldBe(expected.ToString(), $"seed {Seed}, round {round}");
        }
    }

    [Fact]
    public void Normalize_MarksOfLaterVersions_AreOrdinaryCharactersInUnicode9()
    {
        // U+0898 (Unicode 14) has class 230, U+0334 class 1; U+11935 U+11930 compose since Unicode 13.
        const string Marks = "q\u0898\u0334";
        const string Pair = "\U00011935\U00011930";

        Normalize(Marks).ShouldBe("q\u0334\u0898");
        Normalize(Pair).ShouldBe("\U00011938");
        NfcNormalizer.Normalize(Marks, NormalizationTables.Unicode9).ToString().ShouldBe(Marks);
        NfcNormalizer.Normalize(Pair, NormalizationTables.Unicode9).ToString().ShouldBe(Pair);
    }

    private static string Join(IEnumerable<int> codePoints) => string.Concat(codePoints.Select(char.ConvertFromUtf32));

    private static string Normalize(string text) => NfcNormalizer.Normalize(text).ToString();

    private static NfcGolden Read() => Goldens.Read<NfcGolden>("tokenizer", "nfc.json");

    private sealed record NfcGolden(string EveryCodePointSha256, IReadOnlyList<NfcCase> Cases);

    private sealed record NfcCase(string Text, string Nfc);
}
