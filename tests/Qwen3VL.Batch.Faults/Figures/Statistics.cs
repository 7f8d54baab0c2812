using System.Globalization;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>Numbers from samples, and how they are written.</summary>
internal static class Statistics
{
    // With no event in n tries, a rate above 3/n would have shown one with a probability of 95 %: 1 - exp(-3) = 0.95.
    private const double RuleOfThree = 3;

    /// <summary>The sample below which a share of all lie (nearest rank); NaN when there is none.</summary>
    public static double Percentile(IReadOnlyList<double> samples, double share)
    {
        if (samples.Count == 0)
        {
            return double.NaN;
        }

        double[] sorted = [.. samples.Order()];
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    /// <summary>The middle sample.</summary>
    public static double Median(IReadOnlyList<double> samples) => Percentile(samples, 0.5);

    /// <summary>Events for every thousand tries, with what cannot be excluded when there was none.</summary>
    public static string PerThousand(double events, int tries) => tries == 0 ? "none tried" : events == 0
        ? string.Create(CultureInfo.InvariantCulture, $"0 (95 % sure: below {1_000 * RuleOfThree / tries:F0})")
        : string.Create(CultureInfo.InvariantCulture, $"{1_000 * events / tries:F1}");

    /// <summary>Median and longest of times in seconds.</summary>
    public static string MedianAndLongest(IReadOnlyList<double> seconds) => seconds.Count == 0
        ? "none seen"
        : string.Create(CultureInfo.InvariantCulture, $"median {Median(seconds):F2} s, longest {seconds.Max():F2} s");

    /// <summary>Median and 99th percentile of times in milliseconds.</summary>
    public static string MedianAndTail(IReadOnlyList<double> milliseconds) => milliseconds.Count == 0
        ? "none"
        : string.Create(CultureInfo.InvariantCulture, $"p50 {Median(milliseconds):F1} ms, p99 {Percentile(milliseconds, 0.99):F1} ms");
}
