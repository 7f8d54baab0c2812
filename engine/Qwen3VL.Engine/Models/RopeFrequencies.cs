using Qwen3VL.Engine.Checkpoints;

namespace Qwen3VL.Engine.Models;

/// <summary>
/// Rotary frequencies in 32-bit floats, computed with the reference's own roundings: at position 10^6 the last bit of a frequency shows.
/// </summary>
internal static class RopeFrequencies
{
    // Keeps the ramp finite where it has no width, as in the reference.
    private const double NoRampWidth = 0.001;

    /// <summary><c>theta^(-i / count)</c>, i = 0..count-1.</summary>
    internal static float[] Plain(int count, double theta)
    {
        var frequencies = new float[count];
        for (int i = 0; i < count; i++)
        {
            frequencies[i] = 1f / Power(theta, i, count);
        }

        return frequencies;
    }

    /// <summary>
    /// YaRN (spec 7.1; huggingface/transformers v4.57.6, modeling_rope_utils.py, _compute_yarn_parameters): fast frequencies as they are, slow
    /// ones divided by the factor, a linear ramp between the two.
    /// </summary>
    internal static float[] Yarn(int count, double theta, YarnScaling yarn)
    {
        double low = CorrectionIndex(yarn.BetaFast, count, theta, yarn.OriginalMaxPositions);
        double high = CorrectionIndex(yarn.BetaSlow, count, theta, yarn.OriginalMaxPositions);
        if (yarn.Truncate)
        {
            low = Math.Floor(low);
            high = Math.Ceiling(high);
        }

        low = Math.Max(low, 0);
        high = Math.Min(high, 2 * count - 1);
        if (low == high)
        {
            high += NoRampWidth;
        }

        var frequencies = new float[count];
        for (int i = 0; i < count; i++)
        {
            float power = Power(theta, i, count);
            float ramp = Math.Clamp((i - (float)low) / (float)(high - low), 0f, 1f);
            float kept = 1f - ramp;
            frequencies[i] = 1f / ((float)yarn.Factor * power) * (1f - kept) + 1f / power * kept;
        }

        return frequencies;
    }

    // The index whose frequency turns that often over the trained context.
    private static double CorrectionIndex(double rotations, int count, double theta, int maxPositions) =>
        2 * count * Math.Log(maxPositions / (rotations * 2 * Math.PI)) / (2 * Math.Log(theta));

    private static float Power(double theta, int i, int count) => (float)Math.Pow(theta, (float)i / count);
}
