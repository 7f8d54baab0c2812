using System.Globalization;

namespace Qwen3VL.Batch.Results;

/// <summary>
/// Maps the times that the model read and writes (labels of frame pairs, in seconds of the clip it was shown) to the video's time line.
/// <code>
/// frames        0    1    2    3    4    5        presentation times of the source
/// pairs        [ label 0.2 ][ label 1.2 ][ label 2.2 ]
/// pair bounds  pts0        pts2        pts4        end of the window
/// </code>
/// </summary>
internal sealed class WindowTimeline
{
    private WindowTimeline(IReadOnlyList<FramePair> pairs) => Pairs = pairs;

    /// <summary>The pairs, in order; at least one.</summary>
    public IReadOnlyList<FramePair> Pairs { get; }

    /// <summary>Builds the pairs of a window.</summary>
    /// <param name="labels">One for each pair, as text in seconds.</param>
    /// <param name="ptsMs">Presentation time of each frame; a pair takes two, the last one perhaps one.</param>
    /// <param name="startMs">Start of the window: no pair begins before.</param>
    /// <param name="endMs">End of the window, above <paramref name="startMs"/>: every pair ends there at the latest.</param>
    /// <exception cref="ArgumentException">Labels and frames do not go together, or the window is empty.</exception>
    public static WindowTimeline Create(IReadOnlyList<string> labels, IReadOnlyList<double> ptsMs, int startMs, int endMs)
    {
        if (labels.Count == 0 || labels.Count != (ptsMs.Count + 1) / 2)
        {
            throw new ArgumentException($"labels must be one for each pair of frames; got {labels.Count} labels and {ptsMs.Count} frames", nameof(labels));
        }

        if (startMs >= endMs)
        {
            throw new ArgumentException($"window must end after its start; got {startMs}..{endMs} ms", nameof(endMs));
        }

        var pairs = new FramePair[labels.Count];
        int nextStart = endMs;
        int nextEnd = endMs;
        for (int i = pairs.Length - 1; i >= 0; i--)
        {
            // A frame on display when the window starts has an earlier time of its own. Pairs of equal times (a film slower than the sampling
            // rate) share their end, so that each has an extent.
            int latest = Math.Min(nextStart, endMs - 1);
            int start = (int)Math.Clamp(Math.Round(ptsMs[2 * i]), startMs, latest);
            int end = start < nextStart ? nextStart : nextEnd;
            pairs[i] = new FramePair(double.Parse(labels[i], CultureInfo.InvariantCulture), start, end);
            (nextStart, nextEnd) = (start, end);
        }

        return new WindowTimeline(pairs);
    }

    /// <summary>First pair whose label is nearest to a time.</summary>
    public int FirstNearest(double seconds)
    {
        int best = 0;
        for (int i = 1; i < Pairs.Count; i++)
        {
            if (Math.Abs(Pairs[i].Label - seconds) < Math.Abs(Pairs[best].Label - seconds))
            {
                best = i;
            }
        }

        return best;
    }

    /// <summary>Last pair whose label is nearest to a time.</summary>
    public int LastNearest(double seconds)
    {
        int best = FirstNearest(seconds);
        while (best + 1 < Pairs.Count && Pairs[best + 1].Label == Pairs[best].Label)
        {
            best++;
        }

        return best;
    }
}
