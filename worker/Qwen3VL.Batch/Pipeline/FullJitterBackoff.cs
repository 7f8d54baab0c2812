namespace Qwen3VL.Batch.Pipeline;

/// <summary>
/// Waits after failures of infrastructure: uniform in <c>[0, min(cap, base * 2^n))</c>, so that workers that failed together do not come
/// back together. Source: AWS Architecture Blog, "Exponential Backoff And Jitter", full jitter. Safe from any thread.
/// </summary>
/// <param name="baseDelay">Upper bound of the first wait.</param>
/// <param name="cap">Upper bound of any wait.</param>
/// <param name="seed">Differs between processes.</param>
internal sealed class FullJitterBackoff(TimeSpan baseDelay, TimeSpan cap, int seed)
{
    // 2^20 times any base is above any cap used; more would overflow a double's exact range for nothing.
    private const int MaxDoublings = 20;

    private readonly Random _random = new(seed);
    private readonly Lock _gate = new();

    /// <summary>The wait after the n-th failure in a row, n from 0.</summary>
    public TimeSpan Next(long failures)
    {
        double bound = Math.Min(cap.TotalMilliseconds, baseDelay.TotalMilliseconds * Math.Pow(2, Math.Clamp(failures, 0, MaxDoublings)));
        lock (_gate)
        {
            return TimeSpan.FromMilliseconds(_random.NextDouble() * bound);
        }
    }
}
