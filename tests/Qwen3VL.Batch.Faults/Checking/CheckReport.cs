namespace Qwen3VL.Batch.Faults.Checking;

/// <summary>What the checker found, with what is only counted.</summary>
/// <param name="Violations">What must hold and does not.</param>
/// <param name="Counts">Numbers of the run, by name.</param>
internal sealed record CheckReport(IReadOnlyList<Violation> Violations, IReadOnlyDictionary<string, double> Counts);
