namespace Qwen3VL.Batch.Media.Videos;

/// <summary>
/// Chooses the frames of a window: the frame shown at each sampling instant. Pure.
/// </summary>
/// <remarks>
/// <code>
/// instants   start + k / rate,  k = 0 .. seconds * rate - 1      more or fewer than the bounds allow: evenly spread instead
/// frames     |--A--|-B-|------C------|-D-|                        a frame shown at two instants is taken once
/// </code>
/// </remarks>
internal static class WindowSampler
{
    /// <summary>
    /// Containers that count in whole milliseconds round a frame's time by up to half of one, so a frame may begin that much after its instant.
    /// </summary>
    private const double MaxToleranceMs = 0.5;

    /// <summary>Frames of the index, in order, each once; empty when the window lies behind the video's end.</summary>
    public static int[] Select(FrameIndex index, WindowRequest request)
    {
        double end = Math.Min(request.EndMs, index.DurationMs);
        if (request.StartMs >= end && !(request.StartMs == 0 && index.Count == 1))
        {
            return [];
        }

        double seconds = Math.Max(0, end - request.StartMs) / 1000;
        double tolerance = Math.Min(index.TickMs / 2, MaxToleranceMs);

        // The small addition keeps 10 s at 2 frames a second 20 instants whatever the last bit of the product says.
        double wanted = Math.Floor((seconds * request.FramesPerSecond) + 1e-6);
        int instants = (int)Math.Clamp(wanted, Math.Min(Math.Max(1, request.MinFrames), request.MaxFrames), request.MaxFrames);
        double stepMs = instants == wanted ? 1000 / request.FramesPerSecond : seconds * 1000 / instants;
        List<int> chosen = [];
        for (int k = 0; k < instants; k++)
        {
            int frame = index.ShownAt(request.StartMs + (k * stepMs), tolerance);
            if (chosen.Count == 0 || frame > chosen[^1])
            {
                chosen.Add(frame);
            }
        }

        return chosen.Count >= request.MinFrames ? [.. chosen] : Spread(index, request, end, chosen);
    }

    /// <summary>
    /// Too few different frames were shown at the instants (a frame rate that varies, or is low): takes frames evenly by number instead, as many
    /// as are wanted and there are.
    /// </summary>
    private static int[] Spread(FrameIndex index, WindowRequest request, double endMs, List<int> chosen)
    {
        int first = chosen[0];
        int last = index.ShownAt(endMs, 0);
        if (last > first && index.TimeMs(last) >= endMs)
        {
            last--;
        }

        int count = Math.Min(Math.Min(request.MinFrames, request.MaxFrames), last - first + 1);
        return count <= chosen.Count
            ? [.. chosen]
            : [.. Enumerable.Range(0, count).Select(k => first + (int)Math.Round(k * (double)(last - first) / Math.Max(1, count - 1)))];
    }
}
