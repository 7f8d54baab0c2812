namespace Qwen3VL.Batch.Media;

/// <summary>What a file is.</summary>
/// <param name="MediaType">For example <c>application/pdf</c>, <c>image/jpeg</c>, <c>video/mp4</c>.</param>
/// <param name="PageCount">Pages; 1 for a picture, 0 for a video.</param>
/// <param name="DurationMs">Length of a video in milliseconds, from the first frame's time to the end of the last; 0 otherwise.</param>
/// <param name="Width">Upright width in pixels of a picture or video; 0 for a PDF.</param>
/// <param name="Height">Upright height in pixels of a picture or video; 0 for a PDF.</param>
internal sealed record MediaInfo(string MediaType, int PageCount, long DurationMs, int Width, int Height);
