namespace Qwen3VL.Samples.Score;

/// <summary>A labelled box in pixels of its page.</summary>
internal sealed record Box(string Label, double X0, double Y0, double X1, double Y1)
{
    private double Area => Math.Max(0, X1 - X0) * Math.Max(0, Y1 - Y0);

    /// <summary>Intersection over union; 0 for boxes that do not meet or have no area.</summary>
    public double IntersectionOverUnion(Box other)
    {
        double width = Math.Min(X1, other.X1) - Math.Max(X0, other.X0);
        double height = Math.Min(Y1, other.Y1) - Math.Max(Y0, other.Y0);
        double shared = Math.Max(0, width) * Math.Max(0, height);
        double union = Area + other.Area - shared;
        return union > 0 ? shared / union : 0;
    }
}
