namespace Qwen3VL.Batch.Planning;

/// <summary>One window of a video.</summary>
/// <param name="StartMs">First millisecond.</param>
/// <param name="EndMs">End, exclusive.</param>
/// <param name="CoreEndMs">
/// Start of the next window, or <paramref name="EndMs"/> of the last one. Cores <c>[StartMs, CoreEndMs)</c> of all windows tile the video:
/// partial summaries cover cores, so that nothing in an overlap is told twice.
/// </param>
internal readonly record struct VideoWindow(int StartMs, int EndMs, int CoreEndMs);
