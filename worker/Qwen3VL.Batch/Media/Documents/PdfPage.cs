namespace Qwen3VL.Batch.Media.Documents;

/// <summary>Geometry of a PDF page.</summary>
/// <param name="PageCount">Pages of the whole document.</param>
/// <param name="WidthPoints">Width of the crop box in points, before /Rotate.</param>
/// <param name="HeightPoints">Height of the crop box in points, before /Rotate.</param>
/// <param name="RotationDegrees">Clockwise /Rotate: 0, 90, 180 or 270.</param>
internal sealed record PdfPage(int PageCount, double WidthPoints, double HeightPoints, int RotationDegrees)
{
    /// <summary>Whether /Rotate makes width and height change places.</summary>
    public bool IsSideways => RotationDegrees is 90 or 270;

    /// <summary>Width in points after /Rotate.</summary>
    public double UprightWidth => IsSideways ? HeightPoints : WidthPoints;

    /// <summary>Height in points after /Rotate.</summary>
    public double UprightHeight => IsSideways ? WidthPoints : HeightPoints;
}
