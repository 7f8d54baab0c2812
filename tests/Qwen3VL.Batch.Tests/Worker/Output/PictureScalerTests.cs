using Qwen3VL.Batch.Worker.Output.Raster;
using Qwen3VL.Engine;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Worker.Output;

public sealed class PictureScalerTests
{
    [Fact]
    public void Scale_HalfSize_AveragesFourPixels()
    {
        RgbImage image = new(2, 2, new byte[] { 0, 0, 0, 100, 0, 0, 0, 50, 0, 100, 250, 4 });

        PictureScaler.Scale(image, 1, 1).Pixels.ToArray().ShouldBe([50, 75, 1]);
    }

    [Fact]
    public void Scale_Larger_RepeatsPixels()
    {
        RgbImage image = new(1, 1, new byte[] { 7, 8, 9 });

        PictureScaler.Scale(image, 2, 3).Pixels.ToArray().ShouldBe(Enumerable.Repeat(new byte[] { 7, 8, 9 }, 6).SelectMany(pixel => pixel));
    }

    [Fact]
    public void Fit_WidePicture_KeepsItsShape()
    {
        RgbImage fitted = PictureScaler.Fit(new RgbImage(400, 100, new byte[400 * 100 * 3]), 200, 200);

        (fitted.Width, fitted.Height).ShouldBe((200, 50));
    }

    [Fact]
    public void Fit_SmallPicture_IsNotEnlarged()
    {
        RgbImage image = new(10, 10, new byte[300]);

        PictureScaler.Fit(image, 200, 200).ShouldBeSameAs(image);
    }
}
