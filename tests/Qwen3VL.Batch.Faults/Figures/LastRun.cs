namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>A scenario and how its last run ended.</summary>
/// <param name="Id">Name.</param>
/// <param name="Passed">Whether it passed.</param>
/// <param name="Seconds">Time taken.</param>
/// <param name="Seed">Seed of the run.</param>
internal sealed record LastRun(string Id, bool Passed, double Seconds, int Seed);
