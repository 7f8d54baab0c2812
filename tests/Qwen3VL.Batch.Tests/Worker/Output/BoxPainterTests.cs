using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Worker.Output.Raster;
using Qwen3VL.Engine;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Worker.Output;

public sealed class BoxPainterTests
{
    private static readonly RgbImage Black = new(100, 80, new byte[100 * 80 * 3]);

    [Fact]
    public void Paint_Box_ColoursItsEdgeAndNotItsInside()
    {
        RgbImage painted = BoxPainter.Paint(Black, [Box(20, 30, 60, 70)]);

        Rgb expected = BoxColours.Of(0);
        At(painted, 20, 50).ShouldBe(expected);
        At(painted, 59, 50).ShouldBe(expected);
        At(painted, 40, 69).ShouldBe(expected);
        At(painted, 40, 50).ShouldBe(default);
        At(painted, 60, 50).ShouldBe(default);
    }

    [Fact]
    public void Paint_Tag_StandsAboveTheBox()
    {
        RgbImage painted = BoxPainter.Paint(Black, [Box(20, 30, 60, 70)]);

        At(painted, 20, 29).ShouldBe(BoxColours.Of(0));
        At(painted, 20, 20).ShouldBe(default);
    }

    [Fact]
    public void Paint_BoxOverTheEdge_IsClipped() =>
        Should.NotThrow(() => BoxPainter.Paint(Black, [Box(-50, -50, 500, 500), Box(99, 79, 100, 80)]));

    [Fact]
    public void Paint_Page_IsNotChanged()
    {
        _ = BoxPainter.Paint(Black, [Box(0, 0, 100, 80)]);

        Black.Pixels.ToArray().ShouldAllBe(value => value == 0);
    }

    private static Rgb At(RgbImage image, int x, int y)
    {
        ReadOnlySpan<byte> pixel = image.Pixels.Span.Slice(((y * image.Width) + x) * 3, 3);
        return new Rgb(pixel[0], pixel[1], pixel[2]);
    }

    private static BoxResult Box(double x0, double y0, double x1, double y1) =>
        new(1, JobTaskKind.Grounding, 0, "label", default, new BoxEdges(x0, y0, x1, y1), Adjusted: false);
}
