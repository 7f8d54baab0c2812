using Qwen3VL.Batch.Planning;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Planning;

public sealed class SummaryLevelsTests
{
    [Fact]
    public void Build_OnePart_HasOneLevelThatPassesItOn() => SummaryLevels.Build(1, 4).ShouldHaveSingleItem().ShouldBe([(0, 0)]);

    [Fact]
    public void Build_TenPartsByFour_HasTwoLevels()
    {
        IReadOnlyList<IReadOnlyList<(int First, int Last)>> levels = SummaryLevels.Build(10, 4);

        levels.Count.ShouldBe(2);
        levels[0].ShouldBe([(0, 2), (3, 5), (6, 9)]);
        levels[1].ShouldBe([(0, 9)]);
    }

    [Fact]
    public void Build_AnySize_TilesEachLevelWithinTheFanIn()
    {
        for (int parts = 1; parts <= 70; parts++)
        {
            for (int fanIn = 2; fanIn <= 6; fanIn++)
            {
                Check(SummaryLevels.Build(parts, fanIn), parts, fanIn);
            }
        }
    }

    private static void Check(IReadOnlyList<IReadOnlyList<(int First, int Last)>> levels, int parts, int fanIn)
    {
        IReadOnlyList<(int First, int Last)> below = [.. Enumerable.Range(0, parts).Select(part => (part, part))];
        foreach (IReadOnlyList<(int First, int Last)> level in levels)
        {
            int next = 0;
            foreach ((int first, int last) in level)
            {
                first.ShouldBe(next);
                below.Count(part => part.First >= first && part.Last <= last).ShouldBeInRange(1, fanIn);
                below.Count(part => part.First < first && part.Last >= first).ShouldBe(0);
                next = last + 1;
            }

            next.ShouldBe(parts);
            below = level;
        }

        levels[^1].ShouldBe([(0, parts - 1)]);
    }
}
