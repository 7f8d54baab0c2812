using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Faults.Oracle;

/// <summary>
/// Frames of a <see cref="SyntheticSource"/> video: two a second, each a page of <see cref="SyntheticPages"/> whose number is the frame's, from 1.
/// </summary>
internal static class SyntheticVideo
{
    /// <summary>What the deterministic engine can see of a video at once: windows of ten seconds are below it.</summary>
    public static VideoBounds Bounds { get; } = new(4096, 368_640, 32, 2, 4, 24);

    private const int FrameMs = 500;

    /// <summary>Numbers of the frames that begin in <c>[startMs, endMs)</c>.</summary>
    public static IReadOnlyList<int> Frames(int startMs, int endMs)
    {
        int first = (startMs + FrameMs - 1) / FrameMs;
        int end = (endMs + FrameMs - 1) / FrameMs;
        return [.. Enumerable.Range(first + 1, end - first)];
    }

    /// <summary>Presentation time of a frame.</summary>
    public static double PtsMs(int frame) => (frame - 1) * FrameMs;

    /// <summary>Pictures of frames.</summary>
    public static IReadOnlyList<RgbImage> Images(string fileSha256, IEnumerable<int> frames) => [.. frames.Select(frame => SyntheticPages.Image(fileSha256, frame))];
}
