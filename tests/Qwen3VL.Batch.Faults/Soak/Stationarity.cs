using System.Globalization;
using Qwen3VL.Batch.Faults.Figures;

namespace Qwen3VL.Batch.Faults.Soak;

/// <summary>
/// Judges whether a soak's numbers stay where they are. The first fifth of the samples is passed over: workers load, caches fill. The rest is cut
/// in two halves; the second may be worse than the first by a factor and an amount, chosen so that faults at random moments do not decide and a
/// leak in proportion to work done does, once the run is long enough for it to exceed the amount.
/// </summary>
internal static class Stationarity
{
    private const double WarmUp = 0.2;
    private const int LeastSamples = 10;

    /// <summary>What grew; empty when nothing did.</summary>
    public static IReadOnlyList<string> Judge(IReadOnlyList<SoakSample> samples)
    {
        SoakSample[] kept = [.. samples.Skip((int)(samples.Count * WarmUp))];
        if (kept.Length < LeastSamples)
        {
            return [$"samples must be at least {LeastSamples} after the first fifth; got {kept.Length}"];
        }

        SoakSample[] first = kept[..(kept.Length / 2)];
        SoakSample[] second = kept[(kept.Length / 2)..];
        string?[] found =
        [
            Grown("memory of a worker, MiB (median)", Median(first, sample => sample.ResidentMiB), Median(second, sample => sample.ResidentMiB), 1.2, 30),
            Grown("dead rows of vq.work (most)", first.Max(sample => sample.DeadTuples), second.Max(sample => sample.DeadTuples), 1.5, 5_000),
            Grown("groups not done (median)", Median(first, sample => sample.Groups), Median(second, sample => sample.Groups), 1.5, 100),
            Grown("events that wait (median)", Median(first, sample => sample.Outbox), Median(second, sample => sample.Outbox), 1.5, 100),
            Grown("log written for a chunk, KiB", WalPerChunk(first), WalPerChunk(second), 1.5, 4),
            Grown("claim, ms (p99)", Tail(first), Tail(second), 2, 50),
        ];
        return [.. found.OfType<string>()];
    }

    private static string? Grown(string what, double first, double second, double factor, double amount) =>
        second <= (first * factor) + amount
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{what} must not grow beyond {factor} times + {amount}; {first:F1} in the first half, {second:F1} in the second");

    private static double Median(SoakSample[] samples, Func<SoakSample, double> value) => Statistics.Median([.. samples.Select(value)]);

    private static double Tail(SoakSample[] samples) => Statistics.Percentile([.. samples.Select(sample => sample.ClaimMs)], 0.99);

    private static double WalPerChunk(SoakSample[] samples) =>
        1_024 * (samples[^1].WalMiB - samples[0].WalMiB) / Math.Max(1, samples[^1].Done - samples[0].Done);
}
