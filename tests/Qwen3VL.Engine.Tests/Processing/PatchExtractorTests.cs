using Qwen3VL.Engine.Processing;
using Qwen3VL.TestKit.Fuzzing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Processing;

public sealed class PatchExtractorTests
{
    [Fact]
    [Trait(FuzzRun.Category, FuzzRun.Fuzz)]
    public void Extract_RandomGrids_PutEveryPixelWhereTheReferenceDoes() => FuzzRun.Repeat(random =>
    {
        int frames = random.Next(1, 6);
        int height = 32 * random.Next(1, 4);
        int width = 32 * random.Next(1, 5);
        RgbImage[] clip = [.. Enumerable.Range(0, frames).Select(_ => RandomImage(random, width, height))];

        byte[] patches = PatchExtractor.Extract(clip);

        byte[] expected = Reference(clip, width, height);
        patches.AsSpan().SequenceEqual(expected).ShouldBeTrue($"{frames} frames of {width}x{height}");
    });

    /// <summary>The axes of the reference's view and permute, one loop each: pair, R, C, a, b, channel, frame, y, x.</summary>
    private static byte[] Reference(RgbImage[] clip, int width, int height)
    {
        var rows = new List<byte>();
        for (int pair = 0; pair < (clip.Length + 1) / 2; pair++)
        {
            for (int block = 0; block < height / 32 * (width / 32); block++)
            {
                for (int patch = 0; patch < 4; patch++)
                {
                    int top = (block / (width / 32) * 32) + (patch / 2 * 16);
                    int left = (block % (width / 32) * 32) + (patch % 2 * 16);
                    for (int channel = 0; channel < 3; channel++)
                    {
                        for (int frame = 2 * pair; frame < (2 * pair) + 2; frame++)
                        {
                            ReadOnlySpan<byte> pixels = clip[Math.Min(frame, clip.Length - 1)].Pixels.Span;
                            for (int pixel = 0; pixel < 256; pixel++)
                            {
                                rows.Add(pixels[((((top + (pixel / 16)) * width) + left + (pixel % 16)) * 3) + channel]);
                            }
                        }
                    }
                }
            }
        }

        return [.. rows];
    }

    private static RgbImage RandomImage(Random random, int width, int height)
    {
        byte[] pixels = new byte[width * height * 3];
        random.NextBytes(pixels);
        return new RgbImage(width, height, pixels);
    }
}
