using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Media;

/// <summary>One page as pixels.</summary>
/// <param name="PageNo">From 1.</param>
/// <param name="Image">Upright RGB pixels; boxes in pixels refer to this raster.</param>
/// <param name="RotationDegrees">Clockwise rotation that was applied to make it upright (PDF /Rotate or EXIF): 0, 90, 180 or 270.</param>
/// <param name="WidthPoints">Upright page width in PDF points; 0 for a picture.</param>
/// <param name="HeightPoints">Upright page height in PDF points; 0 for a picture.</param>
internal sealed record DecodedPage(int PageNo, RgbImage Image, int RotationDegrees, double WidthPoints, double HeightPoints) : IDisposable
{
    /// <summary>Pixels that it would have were it not made smaller.</summary>
    public long UnreducedPixels { get; init; } = (long)Image.Width * Image.Height;

    /// <summary>Room that its pixels take of the decoder's bound; none for pixels that no bound counts.</summary>
    public DecodedRoom? Room { get; init; }

    /// <summary>Gives the room back: pixels kept after that are memory that the bound no longer counts.</summary>
    public void Dispose() => Room?.Dispose();
}
