using System.Globalization;

namespace Qwen3VL.Benchmarks;

/// <summary>Prints one line a figure.</summary>
internal static class Report
{
    /// <summary>Prints times and a rate per second of wall time and of processor time.</summary>
    internal static void Line(string what, Timing timing, double amount, string unit) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what,-48} {timing.Seconds * 1e3,10:F3} ms {amount / timing.Seconds,10:F1} {unit}/s   cpu {timing.ProcessorSeconds * 1e3,10:F3} ms {amount / timing.ProcessorSeconds,10:F1} {unit}/s"));
}
