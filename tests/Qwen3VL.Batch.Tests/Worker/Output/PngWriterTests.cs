using Qwen3VL.Batch.Worker.Output.Raster;
using Qwen3VL.Engine;
using Shouldly;
using StbImageSharp;
using Xunit;

namespace Qwen3VL.Batch.Tests.Worker.Output;

public sealed class PngWriterTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(64, 65)]
    public void Encode_AnyPicture_IsReadBackEqualByAnotherDecoder(int width, int height)
    {
        byte[] pixels = new byte[width * height * 3];
        new Random(20).NextBytes(pixels);

        ImageResult read = ImageResult.FromMemory(PngWriter.Encode(new RgbImage(width, height, pixels)), ColorComponents.RedGreenBlue);

        (read.Width, read.Height).ShouldBe((width, height));
        read.Data.ShouldBe(pixels);
    }

    [Fact]
    public void Encode_EmptyTrailer_HasTheChecksumOfTheSpecification() =>
        // The IEND chunk is the same in every PNG: its CRC is known.
        PngWriter.Encode(new RgbImage(1, 1, new byte[3]))[^4..].ShouldBe([0xAE, 0x42, 0x60, 0x82]);
}
