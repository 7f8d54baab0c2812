using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Media;

/// <summary>Sampled frames of one window.</summary>
/// <param name="Frames">Upright frames of one size, in order; an even number, the last one repeated if need be is NOT done here.</param>
/// <param name="PtsMs">Presentation time of each frame on the video's time line, in milliseconds, real and never index / rate.</param>
/// <param name="EndMs">End of the last frame's display inside the window.</param>
internal sealed record DecodedWindow(IReadOnlyList<RgbImage> Frames, IReadOnlyList<double> PtsMs, int EndMs) : IDisposable
{
    /// <summary>Frames that it would have were it not made smaller.</summary>
    public int UnreducedFrames { get; init; } = Frames.Count;

    /// <summary>Room that its pixels take of the decoder's bound; none for pixels that no bound counts.</summary>
    public DecodedRoom? Room { get; init; }

    /// <summary>Gives the room back: pixels kept after that are memory that the bound no longer counts.</summary>
    public void Dispose() => Room?.Dispose();
}
