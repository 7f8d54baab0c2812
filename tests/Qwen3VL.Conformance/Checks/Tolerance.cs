namespace Qwen3VL.Conformance.Checks;

/// <summary>
/// How far a computed number may be from the reference's: both sum 32-bit floats in different orders, so small numbers get an absolute
/// and large ones a relative part.
/// </summary>
internal static class Tolerance
{
    /// <summary>Absolute and relative part.</summary>
    public const double Part = 1e-4;

    /// <summary><c>|actual - expected| &lt;= 1e-4 + 1e-4 |expected|</c>; false for anything that is not a number. Equal infinities hold.</summary>
    public static bool Holds(double actual, double expected) =>
        actual.Equals(expected) ? !double.IsNaN(actual) : Math.Abs(actual - expected) <= Part + Part * Math.Abs(expected) && double.IsFinite(expected);
}
