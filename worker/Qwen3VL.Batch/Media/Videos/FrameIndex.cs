using System.Collections;

namespace Qwen3VL.Batch.Media.Videos;

/// <summary>
/// Every frame of a video by presentation time. Times are integers in the stream's own unit, so nothing is rounded and a variable frame rate needs
/// no special case. Immutable.
/// </summary>
internal sealed class FrameIndex
{
    private readonly long[] _pts;
    private readonly BitArray _isKey;
    private readonly long _originPts;
    private readonly long _endPts;

    /// <summary>Creates an index.</summary>
    /// <param name="stream">Facts of the stream.</param>
    /// <param name="frames">Frames that are shown, in any order; of several with one time, one counts. At least one.</param>
    public FrameIndex(VideoStreamFacts stream, IEnumerable<IndexedFrame> frames)
    {
        Stream = stream;
        IndexedFrame[] sorted = [.. frames.OrderBy(frame => frame.Pts).DistinctBy(frame => frame.Pts)];
        if (sorted.Length == 0)
        {
            throw new ArgumentException("an index must have at least one frame; got 0", nameof(frames));
        }

        _pts = Array.ConvertAll(sorted, frame => frame.Pts);
        _isKey = new BitArray(Array.ConvertAll(sorted, frame => frame.IsKey));

        // A container that does not say how long the last frame is shown: as long as the one before it.
        long previousGap = sorted.Length > 1 ? sorted[^1].Pts - sorted[^2].Pts : 0;
        _originPts = _pts[0];
        _endPts = _pts[^1] + (sorted[^1].Duration > 0 ? sorted[^1].Duration : previousGap);
    }

    private FrameIndex(FrameIndex original, int[] kept)
    {
        Stream = original.Stream;
        _pts = Array.ConvertAll(kept, original.Pts);
        _isKey = new BitArray(Array.ConvertAll(kept, frame => original._isKey[frame]));
        _originPts = original._originPts;
        _endPts = original._endPts;
    }

    /// <summary>Facts of the stream.</summary>
    public VideoStreamFacts Stream { get; }

    /// <summary>Frames.</summary>
    public int Count => _pts.Length;

    /// <summary>Length of the time line in milliseconds: from the first frame's time to the end of the last.</summary>
    public double DurationMs => ToMs(_endPts - _originPts);

    /// <summary>Length of one unit of time in milliseconds.</summary>
    public double TickMs => ToMs(1);

    /// <summary>Presentation time in the stream's unit.</summary>
    public long Pts(int frame) => _pts[frame];

    /// <summary>Presentation time on the time line, which begins at 0 with the first frame, in milliseconds.</summary>
    public double TimeMs(int frame) => TimeOfPtsMs(_pts[frame]);

    /// <summary>The place of a presentation time on the time line, in milliseconds.</summary>
    public double TimeOfPtsMs(long pts) => ToMs(pts - _originPts);

    /// <summary>Presentation time as the container states it, in seconds.</summary>
    public double ContainerSeconds(int frame) => ToMs(_pts[frame]) / 1000;

    /// <summary>The frame shown at a moment: the last one that has begun, give or take <paramref name="toleranceMs"/>.</summary>
    public int ShownAt(double timeMs, double toleranceMs)
    {
        int low = 0;
        int high = _pts.Length - 1;
        while (low < high)
        {
            int middle = high - ((high - low) / 2);
            if (TimeMs(middle) <= timeMs + toleranceMs)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    /// <summary>The key frame from which <paramref name="frame"/> can be decoded; the first frame when none is marked before it.</summary>
    public int KeyFrameBefore(int frame)
    {
        while (frame > 0 && !_isKey[frame])
        {
            frame--;
        }

        return frame;
    }

    /// <summary>The same time line without frames that turned out not to be shown; null when none is left.</summary>
    public FrameIndex? Without(IReadOnlySet<long> hiddenPts)
    {
        int[] kept = [.. Enumerable.Range(0, Count).Where(frame => !hiddenPts.Contains(_pts[frame]))];
        return kept.Length == 0 ? null : new FrameIndex(this, kept);
    }

    private double ToMs(long ticks) => ticks * 1000.0 * Stream.TimeBaseNumerator / Stream.TimeBaseDenominator;
}
