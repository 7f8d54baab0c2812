using Qwen3VL.Engine.Processing;
using Qwen3VL.TestKit.Fuzzing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Processing;

/// <summary>What the size rules promise of any picture and any clip, whatever the bounds.</summary>
[Trait(FuzzRun.Category, FuzzRun.Fuzz)]
public sealed class SmartResizePropertyTests
{
    private const int Multiple = 32;
    private const int MaxAspectRatio = 200;

    // Rounding both sides up or down changes an area by less than this factor: bounds further apart than it can always both be kept.
    private const int WidestStep = 4;

    [Fact]
    public void ForImage_RandomSizes_KeepBoundsShapeAndThemselves() => FuzzRun.Repeat(
        random =>
        {
            int height = (int)Math.Exp(random.NextDouble() * 9.5);
            int width = RandomWidth(random, height, minimum: 1);
            int minPixels = 65_536 * random.Next(1, 16);
            var bounds = new ImageBounds(minPixels, minPixels * random.Next(WidestStep, 16), Multiple);
            string about = $"{width}x{height} in {bounds}";

            PixelSize size = SmartResize.ForImage(width, height, bounds);

            CheckSides(size, about);
            long area = (long)size.Width * size.Height;
            area.ShouldBeGreaterThanOrEqualTo(bounds.MinPixels, about);
            CheckShape(size, width, height, ScaleOf(width, height, 1, 1, bounds.MinPixels, bounds.MaxPixels), about);
            if (Math.Min(size.Width, size.Height) == Multiple)
            {
                // Nothing narrower exists: only then the upper bound may give way.
                return;
            }

            area.ShouldBeLessThanOrEqualTo(bounds.MaxPixels, about);
            if (Math.Max(size.Width, size.Height) <= MaxAspectRatio * Math.Min(size.Width, size.Height))
            {
                // Rounding may have made a narrow picture narrower than the rule takes.
                SmartResize.ForImage(size.Width, size.Height, bounds).ShouldBe(size, about);
            }
        },
        minInputs: 20_000);

    [Fact]
    public void ForVideo_RandomClips_KeepBoundsAndShape() => FuzzRun.Repeat(
        random =>
        {
            (int frames, int width, int height) = RandomClip(random);
            VideoBounds bounds = RandomBounds(random);
            string about = $"{frames} frames of {width}x{height} in {bounds}";

            PixelSize size = SmartResize.ForVideo(frames, width, height, bounds);

            CheckSides(size, about);
            int counted = CountedFrames(frames);
            CheckShape(size, width, height, ScaleOf(width, height, frames, counted, bounds.MinPixels, bounds.MaxPixels), about);

            // Whether to resize is asked of the rounded count and by how much of the true one, so an odd clip keeps each bound by one of the two.
            long area = (long)size.Width * size.Height;
            (Math.Max(frames, counted) * area).ShouldBeGreaterThanOrEqualTo(bounds.MinPixels, about);
            if (Math.Min(size.Width, size.Height) > Multiple)
            {
                (Math.Min(frames, counted) * area).ShouldBeLessThanOrEqualTo(bounds.MaxPixels, about);
            }
        },
        minInputs: 20_000);

    [Fact]
    public void ForVideo_RandomClipsOutsideTheRule_AreRefused() => FuzzRun.Repeat(
        random =>
        {
            (int frames, int width, int height) = RandomClip(random);
            switch (random.Next(3))
            {
                case 0: frames = random.Next(-1, 2); break;
                case 1: height = random.Next(-1, Multiple); break;
                default: height = (MaxAspectRatio * width) + 1 + random.Next(1_000); break;
            }

            (width, height) = random.Next(2) == 0 ? (width, height) : (height, width);
            Should.Throw<InvalidRequestException>(
                () => SmartResize.ForVideo(frames, width, height, RandomBounds(random)), $"{frames} frames of {width}x{height}");
        },
        minInputs: 500);

    /// <summary>Sides and an aspect ratio that the rule takes, at its limits too.</summary>
    private static (int Frames, int Width, int Height) RandomClip(Random random)
    {
        int frames = 1 + (int)Math.Exp(random.NextDouble() * 6.7);
        int height = (int)(Multiple * Math.Exp(random.NextDouble() * 5));
        return (frames, RandomWidth(random, height, Multiple), height);
    }

    private static int RandomWidth(Random random, int height, int minimum)
    {
        int narrowest = Math.Max(minimum, (height + MaxAspectRatio - 1) / MaxAspectRatio);
        return Math.Clamp((int)(height * Math.Exp((random.NextDouble() - 0.5) * 10)), narrowest, Math.Max(narrowest, height * MaxAspectRatio));
    }

    /// <summary>From one token a frame pair to four times the released upper bound.</summary>
    private static VideoBounds RandomBounds(Random random)
    {
        long minPixels = 4_096L << random.Next(8);
        long maxPixels = Math.Min(minPixels * (WidestStep << random.Next(11)), 100_663_296);
        return new VideoBounds(minPixels, maxPixels, Multiple, 2, 4, 768);
    }

    /// <summary>Half the frames rounded to the even whole number, times two: an odd count goes to the multiple of four beside it.</summary>
    private static int CountedFrames(int frames) => (frames % 4) switch { 1 => frames - 1, 3 => frames + 1, _ => frames };

    private static double ScaleOf(int width, int height, int frames, int counted, long minPixels, long maxPixels)
    {
        double rounded = counted * Math.Round(width / 32.0) * Multiple * (Math.Round(height / 32.0) * Multiple);
        double area = (double)frames * width * height;
        return rounded > maxPixels ? Math.Sqrt(maxPixels / area) : rounded < minPixels ? Math.Sqrt(minPixels / area) : 1;
    }

    private static void CheckSides(PixelSize size, string about)
    {
        (size.Width % Multiple, size.Height % Multiple).ShouldBe((0, 0), about);
        Math.Min(size.Width, size.Height).ShouldBeGreaterThanOrEqualTo(Multiple, about);
    }

    /// <summary>A side follows the scale to the next multiple; the narrowest there is may be wider than that.</summary>
    private static void CheckShape(PixelSize size, int width, int height, double scale, string about)
    {
        (size.Width == Multiple || Math.Abs(size.Width - (scale * width)) <= Multiple).ShouldBeTrue(about);
        (size.Height == Multiple || Math.Abs(size.Height - (scale * height)) <= Multiple).ShouldBeTrue(about);
    }
}
