using Qwen3VL.Engine.Processing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Processing;

public sealed class MropePositionsTests
{
    [Fact]
    public void Compute_TextOnly_CountsUpOnEveryAxis()
    {
        int[] positions = MropePositions.Compute(3, [], [], out int delta);

        positions.ShouldBe([0, 1, 2, 0, 1, 2, 0, 1, 2]);
        delta.ShouldBe(0);
    }

    [Fact]
    public void Compute_ImageBetweenText_GivesSpecificationTable()
    {
        int[] positions = MropePositions.Compute(11, [new MediaSpan(0, 3, 6, 0)], [Media(new GridThw(1, 4, 6))], out int delta);

        positions[..11].ShouldBe([0, 1, 2, 3, 3, 3, 3, 3, 3, 6, 7]);
        positions[11..22].ShouldBe([0, 1, 2, 3, 3, 3, 4, 4, 4, 6, 7]);
        positions[22..].ShouldBe([0, 1, 2, 3, 4, 5, 3, 4, 5, 6, 7]);
        delta.ShouldBe(-3);
    }

    [Fact]
    public void Compute_ClipOfTwoPairs_GivesSpecificationTable()
    {
        MediaSpan[] spans = [new(0, 8, 4, 0), new(0, 20, 4, 4)];

        int[] positions = MropePositions.Compute(25, spans, [Media(new GridThw(2, 4, 4))], out int delta);

        positions[8..12].ShouldBe([8, 8, 8, 8]);
        positions[(25 + 8)..(25 + 12)].ShouldBe([8, 8, 9, 9]);
        positions[(50 + 8)..(50 + 12)].ShouldBe([8, 9, 8, 9]);
        positions[12].ShouldBe(10);
        positions[19].ShouldBe(17);
        positions[20..24].ShouldBe([18, 18, 18, 18]);
        positions[(25 + 20)..(25 + 24)].ShouldBe([18, 18, 19, 19]);
        positions[(50 + 20)..(50 + 24)].ShouldBe([18, 19, 18, 19]);
        positions[24].ShouldBe(20);
        delta.ShouldBe(-4);
    }

    private static ProcessedMedia Media(GridThw grid) => new(grid, default, default, []);
}
