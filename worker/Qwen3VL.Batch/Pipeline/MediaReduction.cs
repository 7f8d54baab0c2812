using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>
/// Makes media smaller for a chunk that did not fit, each step to a half. What is halved is what the chunk really has, not the bound that
/// it did not reach: a first step that changes nothing would be a wasted execution.
/// <code>
/// page, picture   pixels halved, not below the model's minimum; pages of a chunk one at a time
/// window          frames halved by half the sampling rate, not below the model's minimum; then pixels
/// </code>
/// </summary>
internal static class MediaReduction
{
    /// <summary>Most steps. A page of a sixteenth of its pixels has a quarter of its sharpness: less is not read any more.</summary>
    public const int MaxSteps = 4;

    /// <summary>Bounds under which a page is decoded.</summary>
    public static ImageBounds Halve(ImageBounds bounds, int steps) => bounds with { MaxPixels = Math.Max(Smallest(bounds), bounds.MaxPixels >> steps) };

    /// <summary>Bounds under which a decoded page is read.</summary>
    /// <param name="bounds">The chunk's bounds.</param>
    /// <param name="fullPixels">Pixels of the page when it is not made smaller.</param>
    /// <param name="steps">Steps.</param>
    public static ImageBounds Halve(ImageBounds bounds, long fullPixels, int steps) =>
        steps == 0 ? bounds : bounds with { MaxPixels = Math.Max(Smallest(bounds), (int)(Math.Min(bounds.MaxPixels, fullPixels) >> steps)) };

    /// <summary>Sampling rate of a window.</summary>
    public static double Halve(double framesPerSecond, int steps) => framesPerSecond / (1 << steps);

    /// <summary>Most frames of a window: even, because the model reads pairs.</summary>
    public static int MaxFrames(VideoBounds bounds, int steps) => Math.Max(Math.Max(2, bounds.MinFrames), (bounds.MaxFrames >> steps) / 2 * 2);

    /// <summary>Bounds under which the decoded frames of a window are read.</summary>
    /// <param name="bounds">The chunk's bounds.</param>
    /// <param name="fullPixels">Pixels of all frames that the window has when it is not made smaller.</param>
    /// <param name="steps">Steps.</param>
    public static VideoBounds Halve(VideoBounds bounds, long fullPixels, int steps)
    {
        long smallest = Math.Max(bounds.MinPixels, (long)bounds.SizeMultiple * bounds.SizeMultiple);
        return steps == 0 ? bounds : bounds with { MaxPixels = Math.Max(smallest, Math.Min(bounds.MaxPixels, fullPixels) >> steps) };
    }

    private static int Smallest(ImageBounds bounds) => Math.Max(bounds.MinPixels, bounds.SizeMultiple * bounds.SizeMultiple);
}
