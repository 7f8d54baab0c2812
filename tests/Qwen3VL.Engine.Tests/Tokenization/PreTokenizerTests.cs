using System.Text.RegularExpressions;
using Qwen3VL.Engine.Tokenization;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Tokenization;

public sealed class PreTokenizerTests
{
    [Theory]
    [InlineData("Hello world", "Hello| world")]
    [InlineData("it's we'LL I'd 'tis", "it|'s| we|'LL| I|'d| '|tis")]
    [InlineData("x'\u017Fa", "x|'\u017F|a")]
    [InlineData("'rex 'rx", "'re|x| '|rx")]
    [InlineData("12 a1", "1|2| a|1")]
    [InlineData("a   b", "a|  | b")]
    [InlineData("a  1", "a| | |1")]
    [InlineData("a \n \n b", "a| \n \n| b")]
    [InlineData("end  ", "end|  ")]
    [InlineData("a ,b !!\n\nc", "a| ,|b| !!\n\n|c")]
    [InlineData("\tword\t1", "\tword|\t|1")]
    [InlineData("\u00A0word\u3000\u3000x", "\u00A0word|\u3000|\u3000x")]
    [InlineData("\u001C\u001Cx", "\u001C\u001C|x")]
    [InlineData("\u180E x", "\u180E| x")]
    public void PieceLength_Examples_AreCutAsTheExpressionSays(string text, string expected) =>
        string.Join('|', Split(text)).ShouldBe(expected);

    [Theory]
    [InlineData("a\U0001D49Cb \U00020BB7\U00020BB7", "a\U0001D49Cb| \U00020BB7\U00020BB7")]
    [InlineData("\U0001D7D8\U0001D7D9", "\U0001D7D8|\U0001D7D9")]
    [InlineData("\U0001F600\U0001F601x", "\U0001F600\U0001F601|x")]
    [InlineData("\U0001F600x", "\U0001F600x")]
    public void PieceLength_SupplementaryCodePoints_AreLettersNumbersAndSymbols(string text, string expected) =>
        string.Join('|', Split(text)).ShouldBe(expected);

    [Fact]
    public void PieceLength_RandomTextOfTheBasicPlane_EqualsRegularExpression()
    {
        // The .NET engine reads UTF-16 units and does not fold U+017F to s; apart from these two it is an independent oracle.
        const int Seed = 20240607;
        var expression = new Regex(PreTokenizer.Pattern, RegexOptions.CultureInvariant);
        var random = new RandomText(Seed);
        for (int round = 0; round < 3_000; round++)
        {
            string text = string.Concat(random.Next(24).Where(unit => !char.IsSurrogate(unit) && unit != '\u017F'));

            Split(text).ShouldBe(expression.Matches(text).Select(match => match.Value), $"seed {Seed}, round {round}");
        }
    }

    private static List<string> Split(string text)
    {
        var pieces = new List<string>();
        for (int start = 0; start < text.Length;)
        {
            int length = PreTokenizer.PieceLength(text.AsSpan(start));
            length.ShouldBeGreaterThan(0);
            pieces.Add(text.Substring(start, length));
            start += length;
        }

        return pieces;
    }
}
