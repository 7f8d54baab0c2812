using Qwen3VL.Batch.Faults.Checking;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>How a scenario ended.</summary>
/// <param name="Id">Scenario.</param>
/// <param name="Fault">What was injected.</param>
/// <param name="Seed">Seed of its run.</param>
/// <param name="Seconds">Time taken.</param>
/// <param name="Problems">Why it failed; empty when it passed.</param>
/// <param name="Found">What the checker reported; for a negative control some is wanted.</param>
/// <param name="Counts">Numbers.</param>
/// <param name="Recoveries">Measured times.</param>
/// <param name="Folder">Logs and ledgers; kept when it failed.</param>
internal sealed record ScenarioResult(
    string Id,
    string Fault,
    int Seed,
    double Seconds,
    IReadOnlyList<string> Problems,
    IReadOnlyList<Violation> Found,
    IReadOnlyDictionary<string, double> Counts,
    IReadOnlyList<Recovery> Recoveries,
    string Folder)
{
    /// <summary>Why it was not run; null when it was.</summary>
    public string? Skipped { get; init; }

    /// <summary>Whether it passed, or could not be run.</summary>
    public bool Passed => Problems.Count == 0;

    /// <summary>All of it for a person: what is wrong, with which seed, and where to look.</summary>
    public string Describe() => Skipped is not null
        ? $"{Id} skipped: {Skipped}"
        : Passed
        ? $"{Id} passed in {Seconds:F1} s (seed {Seed})"
        : $"{Id} FAILED in {Seconds:F1} s (seed {Seed}; logs and ledgers in {Folder})\n  " + string.Join("\n  ", Problems);
}
