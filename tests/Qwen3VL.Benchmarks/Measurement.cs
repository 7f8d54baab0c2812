using System.Diagnostics;

namespace Qwen3VL.Benchmarks;

/// <summary>Repeats a piece of work and takes times.</summary>
internal static class Measurement
{
    private const double WarmUpSeconds = 0.4;
    private const double MeasuredSeconds = 1;
    private const int MinRuns = 5;

    /// <summary>Median wall time and mean processor time of one run, after warm-up.</summary>
    internal static Timing Take(Action body)
    {
        long warm = Stopwatch.GetTimestamp();
        do
        {
            body();
        }
        while (Stopwatch.GetElapsedTime(warm).TotalSeconds < WarmUpSeconds);

        using var process = Process.GetCurrentProcess();
        var times = new List<double>();
        TimeSpan processorTime = process.TotalProcessorTime;
        long start = Stopwatch.GetTimestamp();
        while (times.Count < MinRuns || Stopwatch.GetElapsedTime(start).TotalSeconds < MeasuredSeconds)
        {
            long begin = Stopwatch.GetTimestamp();
            body();
            times.Add(Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }

        process.Refresh();
        double processor = (process.TotalProcessorTime - processorTime).TotalSeconds / times.Count;
        times.Sort();
        return new Timing(times[times.Count / 2], processor);
    }
}
