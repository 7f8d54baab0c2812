namespace Qwen3VL.Batch.Results;

/// <summary>A stretch of a video with words. Invariant: window start &lt;= start &lt; end &lt;= window end.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="SegmentNo">From 0, in order of time, per chunk and kind.</param>
/// <param name="StartMs">Start on the video's time line: the presentation time of a source frame.</param>
/// <param name="EndMs">End on the video's time line, exclusive.</param>
/// <param name="Text">What happens.</param>
/// <param name="Adjusted">The model's times were out of order or outside the window and were repaired.</param>
internal sealed record SegmentResult(SegmentKind Kind, int SegmentNo, int StartMs, int EndMs, string Text, bool Adjusted);
