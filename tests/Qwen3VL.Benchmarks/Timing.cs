namespace Qwen3VL.Benchmarks;

/// <summary>What one run takes.</summary>
/// <param name="Seconds">Median wall time.</param>
/// <param name="ProcessorSeconds">
/// Mean processor time of all threads: what a run on one thread would take on a machine that does nothing else. Threads that spin between
/// kernels count as busy.
/// </param>
internal readonly record struct Timing(double Seconds, double ProcessorSeconds);
