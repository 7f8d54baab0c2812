using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Engine;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Pipeline;

public sealed class MediaReductionTests
{
    private static readonly ImageBounds Image = new(4_096, 163_840, 32);
    private static readonly VideoBounds Video = new(4_096, 368_640, 32, 2, 4, 24);

    [Theory]
    [InlineData(0, 163_840)]
    [InlineData(1, 40_000)]
    [InlineData(2, 20_000)]
    [InlineData(9, 4_096)]
    public void Halve_Picture_HalvesWhatItHasDownToTheModelsMinimum(int steps, int maxPixels) =>
        MediaReduction.Halve(Image, fullPixels: 80_000, steps).ShouldBe(Image with { MaxPixels = maxPixels });

    [Theory]
    [InlineData(1, 81_920)]
    [InlineData(20, 4_096)]
    public void Halve_BoundsOfAPage_StayAboveTheModelsMinimum(int steps, int maxPixels) =>
        MediaReduction.Halve(Image, steps).MaxPixels.ShouldBe(maxPixels);

    [Theory]
    [InlineData(0, 24)]
    [InlineData(1, 12)]
    [InlineData(2, 6)]
    [InlineData(3, 4)]
    [InlineData(4, 4)]
    public void MaxFrames_Steps_AreEvenAndNotBelowTheModelsMinimum(int steps, int frames) => MediaReduction.MaxFrames(Video, steps).ShouldBe(frames);

    [Theory]
    [InlineData(0, 368_640)]
    [InlineData(1, 50_000)]
    [InlineData(9, 4_096)]
    public void Halve_Clip_HalvesTheWholeDownToTheModelsMinimum(int steps, long maxPixels) =>
        MediaReduction.Halve(Video, 100_000, steps).MaxPixels.ShouldBe(maxPixels);
}
