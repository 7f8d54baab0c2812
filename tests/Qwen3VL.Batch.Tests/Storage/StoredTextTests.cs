using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Storage;

public sealed class StoredTextTests
{
    [Fact]
    public void Clean_AnyText_HoldsNothingThatTheDatabaseRefuses()
    {
        // Not inline data: the runner itself replaces lone surrogates when it passes test cases around.
        (string Text, string Expected)[] cases =
        [
            ("", ""),
            ("plain \ud83d\ude00", "plain \ud83d\ude00"),
            ("a\0b", "a\ufffdb"),
            ("\ud83d", "\ufffd"),
            ("\ude00\ud83d", "\ufffd\ufffd"),
            ("\ud83d\ud83d\ude00", "\ufffd\ud83d\ude00"),
        ];

        cases.Select(item => StoredText.Clean(item.Text, 100)).ShouldBe(cases.Select(item => item.Expected));
    }

    [Fact]
    public void Clean_PairAtTheLimit_IsNotSplit()
    {
        StoredText.Clean("ab\ud83d\ude00", 3).ShouldBe("ab");
        StoredText.Clean("ab\ud83d\ude00", 4).ShouldBe("ab\ud83d\ude00");
    }

    [Fact]
    public void Clean_NothingToDo_IsTheSameObject()
    {
        string text = new('x', 10);

        StoredText.Clean(text, 10).ShouldBeSameAs(text);
        StoredText.Clean(null, 10).ShouldBeNull();
    }

    [Fact]
    public void Clean_RandomUnits_IsValidUnicodeWithinTheLimit()
    {
        const int seed = 20260102;
        var random = new Random(seed);
        for (int round = 0; round < 2_000; round++)
        {
            // Half of the units are from the surrogate range, so that broken pairs of all forms come up.
            char[] units = [.. Enumerable.Range(0, random.Next(20)).Select(_ => (char)(random.Next(2) == 0 ? random.Next(0xd800, 0xe000) : random.Next(3)))];
            int limit = random.Next(25);

            string clean = StoredText.Clean(new string(units), limit);

            clean.Length.ShouldBeLessThanOrEqualTo(limit, $"seed {seed}, round {round}");
            clean.ShouldNotContain('\0');
            Should.NotThrow(() => new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(clean), $"seed {seed}, round {round}");
        }
    }
}
