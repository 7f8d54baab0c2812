namespace Qwen3VL.Batch.Results;

/// <summary>Edges of a box; the unit is the holder's.</summary>
/// <param name="X0">Left.</param>
/// <param name="Y0">Top.</param>
/// <param name="X1">Right.</param>
/// <param name="Y1">Bottom.</param>
internal readonly record struct BoxEdges(double X0, double Y0, double X1, double Y1);
