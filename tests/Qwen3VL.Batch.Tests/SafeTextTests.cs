using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests;

public sealed class SafeTextTests
{
    [Fact]
    public void Lines_EscapeSequence_LosesItsControlCharacters() =>
        SafeText.Lines("a\u001b[2Jb\u0007\r\nc\u009b31md").ShouldBe("a[2Jb\nc31md");

    [Fact]
    public void Lines_DirectionMarks_AreRemoved() => SafeText.Lines("abc\u202Etxt\u2066x\u2069").ShouldBe("abctxtx");

    [Fact]
    public void Line_BreaksAndTabs_BecomeSpaces() => SafeText.Line("a\tb\nc\rd").ShouldBe("a b c d");

    [Theory]
    [InlineData("Ordinary text, grüße, 漢字, 🙂")]
    [InlineData("")]
    public void Lines_OrdinaryText_StaysAsItIs(string text) => SafeText.Lines(text).ShouldBe(text);
}
