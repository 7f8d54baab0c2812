namespace Qwen3VL.Batch.Media;

/// <summary>Which frames of a video are wanted.</summary>
/// <param name="StartMs">Start of the window on the video's time line (0 is its first frame).</param>
/// <param name="EndMs">End of the window, exclusive.</param>
/// <param name="FramesPerSecond">Sampling rate: the frame shown at each sampling instant is taken, with its own presentation time.</param>
/// <param name="MinFrames">Fewest frames, when the window has as many.</param>
/// <param name="MaxFrames">Most frames.</param>
internal sealed record WindowRequest(int StartMs, int EndMs, double FramesPerSecond, int MinFrames, int MaxFrames)
{
    /// <summary>How the window would be wanted were it not made smaller; null: it is not made smaller.</summary>
    public WindowRequest? Unreduced { get; init; }
}
