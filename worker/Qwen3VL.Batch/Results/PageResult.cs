namespace Qwen3VL.Batch.Results;

/// <summary>One page that was read.</summary>
/// <param name="PageNo">From 1.</param>
/// <param name="WidthPx">Width of the raster that pixel boxes refer to.</param>
/// <param name="HeightPx">Height of that raster.</param>
/// <param name="RotationDegrees">Clockwise rotation that made it upright.</param>
/// <param name="WidthPoints">Upright width in PDF points, 0 for a picture.</param>
/// <param name="HeightPoints">Upright height in PDF points, 0 for a picture.</param>
/// <param name="Text">The text; null when no task asked for it.</param>
/// <param name="Truncated">The text was cut at the output limit.</param>
/// <param name="ContentSha256">Hash of the pixels the model saw.</param>
internal sealed record PageResult(
    int PageNo,
    int WidthPx,
    int HeightPx,
    int RotationDegrees,
    double WidthPoints,
    double HeightPoints,
    string? Text,
    bool Truncated,
    string ContentSha256);
