using Qwen3VL.Batch.Worker.Commands;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Worker.Commands;

public sealed class PageRangeTests
{
    [Theory]
    [InlineData("3", 3, 3)]
    [InlineData("2-5", 2, 5)]
    [InlineData("7-", 7, null)]
    public void TryParse_Range_GivesItsEnds(string text, int first, int? last)
    {
        PageRange.TryParse(text, out PageRange range).ShouldBeTrue();

        range.ShouldBe(new PageRange(first, last));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-3")]
    [InlineData("5-2")]
    [InlineData("1-2-3")]
    [InlineData("a")]
    public void TryParse_NoRange_IsFalse(string text) => PageRange.TryParse(text, out _).ShouldBeFalse();
}
