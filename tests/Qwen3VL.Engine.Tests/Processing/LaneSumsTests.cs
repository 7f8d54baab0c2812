using Qwen3VL.Engine.Processing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Processing;

public sealed class LaneSumsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(24)]
    [InlineData(515)]
    [InlineData(4_096)]
    [InlineData(20_481)]
    [InlineData(70_000)]
    public void Sums_OfAnyLength_TakeEveryValueOnce(int length)
    {
        // Small whole numbers: every order gives the exact sum, so a value that is lost or taken twice shows.
        var random = new Random(length);
        float[] values = [.. Enumerable.Range(0, length).Select(_ => (float)random.Next(-3, 4))];
        LaneSums.OfValues(values).ShouldBe(values.Sum(value => (long)value));
        LaneSums.OfSquares(values).ShouldBe(values.Sum(value => (long)(value * value)));
    }

    [Fact]
    public void OfValues_NearlyCancellingLanes_RoundsInTheReferenceOrder()
    {
        // Left-over values first, then lane by lane: 1 + 2^24 loses the 1, which a sum from the front would keep.
        float[] values = [16_777_216, -16_777_216, 0, 0, 0, 0, 0, 0, 1];
        LaneSums.OfValues(values).ShouldBe(0);
        LaneSums.OfSquares([3, 0, 0, 0, 0, 0, 0, 0, 4]).ShouldBe(25);
    }
}
