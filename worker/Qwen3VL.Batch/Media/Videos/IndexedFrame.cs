namespace Qwen3VL.Batch.Media.Videos;

/// <summary>One frame as the container lists it.</summary>
/// <param name="Pts">Presentation time in the stream's unit.</param>
/// <param name="Duration">How long it is shown, in the same unit; 0 when unknown.</param>
/// <param name="IsKey">Whether decoding can begin here.</param>
internal readonly record struct IndexedFrame(long Pts, long Duration, bool IsKey);
