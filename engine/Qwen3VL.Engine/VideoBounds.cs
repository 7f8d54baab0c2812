namespace Qwen3VL.Engine;

/// <summary>Bounds of one video item as the model's processor states them.</summary>
/// <param name="MinPixels">Lower bound of frames x height x width.</param>
/// <param name="MaxPixels">Upper bound of frames x height x width.</param>
/// <param name="SizeMultiple">Both sides are rounded to a multiple of this.</param>
/// <param name="FramesPerSecond">Default sampling rate in frames per second.</param>
/// <param name="MinFrames">Fewest sampled frames.</param>
/// <param name="MaxFrames">Most sampled frames of one item.</param>
public sealed record VideoBounds(long MinPixels, long MaxPixels, int SizeMultiple, double FramesPerSecond, int MinFrames, int MaxFrames);
