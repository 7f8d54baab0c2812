using Qwen3VL.Engine.Processing;
using Qwen3VL.TestKit.Fuzzing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Processing;

public sealed class BicubicResizeTests
{
    [Theory]
    [InlineData(100, 32, 16)]
    [InlineData(10, 32, 14)]
    public void Resize_ConstantRow_StaysConstantWithSpecifiedPrecision(int inputSize, int outputSize, int precision)
    {
        byte[] row = [.. Enumerable.Repeat((byte)200, inputSize)];

        ResizeRow(row, outputSize).ShouldAllBe(value => value == 200);
        new ResizeAxis(inputSize, outputSize).Precision.ShouldBe(precision);
    }

    [Fact]
    public void Resize_Ramp_GivesSpecificationBytes()
    {
        byte[] ramp = [.. Enumerable.Range(0, 25).Select(i => (byte)(10 * i))];
        byte[] expected = [11, 41, 73, 104, 136, 167, 199, 229];

        ResizeRow(ramp, 8).ShouldBe(expected);
    }

    [Fact]
    public void Resize_Edge_OvershootsAndClampsAsSpecified()
    {
        byte[] edge = [.. Enumerable.Repeat((byte)0, 10), .. Enumerable.Repeat((byte)255, 10)];
        byte[] expected = [0, 0, 0, 52, 203, 255, 255, 255];

        ResizeRow(edge, 40)[16..24].ShouldBe(expected);
    }

    [Fact]
    public void Resize_Column_EqualsRowOfSameSamples()
    {
        byte[] samples = [.. Enumerable.Range(0, 57).Select(i => (byte)(i * i % 251))];
        RgbImage column = new(1, samples.Length, Gray(samples));

        RgbImage resized = BicubicResize.Resize(column, new PixelSize(1, 32));

        FirstChannel(resized).ShouldBe(ResizeRow(samples, 32));
    }

    [Fact]
    public void Resize_SameSize_ReturnsTheImageItself()
    {
        RgbImage image = new(2, 2, new byte[12]);

        BicubicResize.Resize(image, new PixelSize(2, 2)).ShouldBeSameAs(image);
    }

    [Theory]
    [InlineData(1, 1, 64, 32)]
    [InlineData(1, 300, 32, 64)]
    [InlineData(3_000, 2, 32, 32)]
    [InlineData(2, 5, 96, 160)]
    [InlineData(199, 1, 3_616, 32)]
    public void Resize_ExtremeSizes_AreWithinALevelOfTheFormula(int width, int height, int toWidth, int toHeight) =>
        ShouldFollowTheFormula(new Random(width), width, height, new PixelSize(toWidth, toHeight));

    [Fact]
    [Trait(FuzzRun.Category, FuzzRun.Fuzz)]
    public void Resize_RandomSizes_AreWithinALevelOfTheFormula() => FuzzRun.Repeat(
        random => ShouldFollowTheFormula(random, random.Next(1, 90), random.Next(1, 90), new PixelSize(random.Next(1, 90), random.Next(1, 90))),
        minInputs: 60);

    private static void ShouldFollowTheFormula(Random random, int width, int height, PixelSize size)
    {
        byte[] pixels = new byte[width * height * 3];
        random.NextBytes(pixels);

        RgbImage resized = BicubicResize.Resize(new RgbImage(width, height, pixels), size);

        byte[] narrowed = SlowBicubic.Rows(pixels, width, height, size.Width);
        byte[] expected = SlowBicubic.Columns(narrowed, size.Width, height, size.Height);
        int difference = resized.Pixels.ToArray().Zip(expected, (actual, wanted) => Math.Abs(actual - wanted)).Max();

        // 16-bit weights round differently in each of the two passes.
        difference.ShouldBeLessThanOrEqualTo(2, $"{width}x{height} to {size}");
    }

    private static byte[] ResizeRow(byte[] row, int outputSize) =>
        FirstChannel(BicubicResize.Resize(new RgbImage(row.Length, 1, Gray(row)), new PixelSize(outputSize, 1)));

    private static byte[] Gray(byte[] samples) => [.. samples.SelectMany(sample => new[] { sample, sample, sample })];

    private static byte[] FirstChannel(RgbImage image) => [.. image.Pixels.ToArray().Where((_, i) => i % 3 == 0)];
}
