using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Planning;

/// <summary>
/// Cuts a video into overlapping windows. All arithmetic is on a grid of frame pairs (two sampled frames, the model's unit of time), so that
/// the frame pairs of neighbouring windows coincide and an event that both see has the same bounds in both.
/// <code>
/// window 0  |--------------|
/// window 1            |--------------|
/// window 2                      |--------------|      equal lengths, at most the wanted one; overlaps at least the wanted one
/// core      |---------|---------|--------------|      tile the video
/// </code>
/// Windows are spread evenly, so none is a short rest at the end: with two windows or more each is longer than half of the wanted length.
/// </summary>
internal static class VideoWindows
{
    /// <summary>Shortest window, unless the whole video is shorter: less shows the model too little to tell what happens.</summary>
    public const double MinWindowSeconds = 3;

    /// <summary>The windows of a video, in order; they cover <c>[0, durationMs)</c> without gaps.</summary>
    /// <param name="durationMs">Length of the video.</param>
    /// <param name="job">What the job asks for.</param>
    /// <param name="defaults">What the worker takes where the job says nothing.</param>
    /// <param name="bounds">What the model can see at once.</param>
    /// <exception cref="ContentException">limit_exceeded: the video is empty or longer than a 32-bit number of milliseconds.</exception>
    public static IReadOnlyList<VideoWindow> Split(long durationMs, JobOptions job, PlanningOptions defaults, VideoBounds bounds)
    {
        if (durationMs is < 1 or > int.MaxValue)
        {
            throw new ContentException(ErrorCodes.LimitExceeded, $"video duration must be 1..{int.MaxValue} ms; got {durationMs}");
        }

        double pairMs = 2000 / FramesPerSecond(job, bounds);
        long totalPairs = Math.Max(1, (long)Math.Floor(durationMs / pairMs));

        // The last window also takes what is left below one pair, so its pairs are one less than what the model can hold.
        long maxPairs = Math.Max(1, (bounds.MaxFrames - 2) / 2);
        long minPairs = Math.Max(DivideUp(bounds.MinFrames, 2), (long)Math.Ceiling(MinWindowSeconds * 1000 / pairMs));
        long wantedPairs = Math.Max(Pairs(job.WindowSeconds ?? defaults.WindowSeconds, pairMs), minPairs);
        long lengthPairs = Math.Min(wantedPairs, maxPairs);
        long overlapPairs = Math.Clamp(Pairs(job.OverlapSeconds ?? defaults.OverlapSeconds, pairMs), 0, (lengthPairs - 1) / 2);
        return Spread(totalPairs, lengthPairs, overlapPairs, pairMs, (int)durationMs);
    }

    /// <summary>
    /// Sampling rate of a job's windows: what the job or the model says, lowered where the shortest window would hold more frames than the model
    /// takes.
    /// </summary>
    public static double FramesPerSecond(JobOptions job, VideoBounds bounds) =>
        Math.Min(job.FramesPerSecond ?? bounds.FramesPerSecond, Math.Max(2, bounds.MaxFrames - 2) / MinWindowSeconds);

    /// <summary>
    /// Windows of equal length: with P pairs, length l and overlap o, their count is the least n with n*l - (n-1)*o at least P, and the length
    /// is then cut to the least that still reaches.
    /// </summary>
    private static List<VideoWindow> Spread(long totalPairs, long lengthPairs, long overlapPairs, double pairMs, int durationMs)
    {
        if (totalPairs <= lengthPairs)
        {
            return [new VideoWindow(0, durationMs, durationMs)];
        }

        long count = DivideUp(totalPairs - overlapPairs, lengthPairs - overlapPairs);
        long length = DivideUp(totalPairs + ((count - 1) * overlapPairs), count);
        long lastStart = totalPairs - length;
        var windows = new List<VideoWindow>(checked((int)count));
        for (long i = 0; i < count; i++)
        {
            long start = lastStart * i / (count - 1);
            bool last = i == count - 1;
            int endMs = last ? durationMs : ToMs(start + length, pairMs);
            int coreEndMs = last ? durationMs : ToMs(lastStart * (i + 1) / (count - 1), pairMs);
            windows.Add(new VideoWindow(ToMs(start, pairMs), endMs, coreEndMs));
        }

        return windows;
    }

    private static long Pairs(double seconds, double pairMs) => (long)Math.Clamp(Math.Round(seconds * 1000 / pairMs), 0, int.MaxValue);

    private static int ToMs(long pairs, double pairMs) => checked((int)Math.Round(pairs * pairMs));

    private static long DivideUp(long value, long divisor) => (value + divisor - 1) / divisor;
}
