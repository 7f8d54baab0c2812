using System.Globalization;
using Qwen3VL.Engine.Tokenization;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Tokenization;

public sealed class CodePointClassesTests
{
    [Fact]
    public void Of_WhiteSpace_IsTheUnicodeProperty()
    {
        int[] expected = [.. Enumerable.Range(9, 5), 0x20, 0x85, 0xA0, 0x1680, .. Enumerable.Range(0x2000, 11), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000];

        Enumerable.Range(0, 0x110000).Where(value => CodePointClasses.Of(value) is CodePointClass.Space or CodePointClass.LineBreak).ShouldBe(expected);
        Enumerable.Range(0, 0x110000).Where(value => CodePointClasses.Of(value) == CodePointClass.LineBreak).ShouldBe(['\n', '\r']);
    }

    [Fact]
    public void Of_AssignedCodePoints_EqualsPlatformWhereItKnowsThem()
    {
        // The platform's tables may be of a later Unicode, in which more is assigned; what was assigned keeps its class.
        int differences = Enumerable.Range(0, 0x110000).Count(value =>
            CodePointClasses.Of(value) is CodePointClass.Letter or CodePointClass.Number && CodePointClasses.Of(value) != OfPlatform(value));

        differences.ShouldBe(0);
    }

    [Fact]
    public void Of_AllCodePoints_HasTheCountsOfUnicode16()
    {
        // DerivedGeneralCategory-16.0.0.txt: Lu + Ll + Lt + Lm + Lo and Nd + Nl + No; PropList-16.0.0.txt: White_Space.
        Dictionary<CodePointClass, int> counts = Enumerable.Range(0, 0x110000).CountBy(CodePointClasses.Of).ToDictionary();

        counts[CodePointClass.Letter].ShouldBe(1858 + 2258 + 31 + 404 + 136_477);
        counts[CodePointClass.Number].ShouldBe(760 + 236 + 915);
        (counts[CodePointClass.Space] + counts[CodePointClass.LineBreak]).ShouldBe(25);
    }

    private static CodePointClass OfPlatform(int value) => CharUnicodeInfo.GetUnicodeCategory(value) switch
    {
        <= UnicodeCategory.OtherLetter => CodePointClass.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CodePointClass.Number,
        _ => CodePointClass.Other,
    };
}
