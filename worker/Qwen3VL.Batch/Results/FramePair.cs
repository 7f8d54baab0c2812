namespace Qwen3VL.Batch.Results;

/// <summary>Two sampled frames: the unit in which the model sees time.</summary>
/// <param name="Label">The number that stood before the pair in the prompt, in seconds of the window's clip.</param>
/// <param name="StartMs">Presentation time of its first frame on the video's time line.</param>
/// <param name="EndMs">Presentation time of the next pair's first frame, or the end of the window; above <paramref name="StartMs"/>.</param>
internal readonly record struct FramePair(double Label, int StartMs, int EndMs);
