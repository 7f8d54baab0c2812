using Qwen3VL.Batch.Faults.Figures;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Figures;

public sealed class StatisticsTests
{
    [Theory]
    [InlineData(0.5, 50)]
    [InlineData(0.99, 99)]
    [InlineData(1, 100)]
    [InlineData(0, 1)]
    public void Percentile_OneToHundred_IsTheNearestRank(double share, double expected) =>
        Statistics.Percentile([.. Enumerable.Range(1, 100).Reverse().Select(number => (double)number)], share).ShouldBe(expected);

    [Fact]
    public void PerThousand_NoEvent_SaysWhatIsNotExcluded() => Statistics.PerThousand(0, 150).ShouldBe("0 (95 % sure: below 20)");

    [Fact]
    public void PerThousand_SomeEvents_IsTheirRate() => Statistics.PerThousand(3, 120).ShouldBe("25.0");

    [Fact]
    public void MedianAndLongest_NoTimes_SaysSo() => Statistics.MedianAndLongest([]).ShouldBe("none seen");
}
