namespace Qwen3VL.Engine;

/// <summary>
/// Frames that are already sampled, with the time of each. The engine writes the model's timestamps from these times and never from an
/// index and a frame rate.
/// </summary>
public sealed class VideoClip
{
    /// <summary>Wraps frames; all must have one size and non-decreasing times.</summary>
    /// <exception cref="ArgumentException">No frames, sizes differ, times are fewer, negative, not finite or go backwards.</exception>
    public VideoClip(IReadOnlyList<RgbImage> frames, IReadOnlyList<double> timesSeconds)
    {
        if (frames.Count == 0 || frames.Count != timesSeconds.Count)
        {
            throw new ArgumentException($"a clip must have frames and one time for each; got {frames.Count} frames and {timesSeconds.Count} times");
        }

        for (int i = 0; i < frames.Count; i++)
        {
            if (frames[i].Width != frames[0].Width || frames[i].Height != frames[0].Height)
            {
                throw new ArgumentException($"all frames must have the size of frame 0 ({frames[0].Width}x{frames[0].Height}); frame {i} is {frames[i].Width}x{frames[i].Height}");
            }

            double previous = i == 0 ? 0 : timesSeconds[i - 1];
            if (!double.IsFinite(timesSeconds[i]) || timesSeconds[i] < previous)
            {
                throw new ArgumentException($"frame times must be finite, not negative and in order; got {timesSeconds[i]} at frame {i} after {previous}");
            }
        }

        Frames = [.. frames];
        TimesSeconds = [.. timesSeconds];
    }

    /// <summary>The frames in order.</summary>
    public IReadOnlyList<RgbImage> Frames { get; }

    /// <summary>Presentation time of each frame in seconds, as the model shall read it.</summary>
    public IReadOnlyList<double> TimesSeconds { get; }
}
