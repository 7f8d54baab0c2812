namespace Qwen3VL.Conformance.Reports;

/// <summary>What became of one folder's goldens.</summary>
/// <param name="Folder">Its path below the folder of goldens.</param>
/// <param name="Cases">Every golden, in the order they ran.</param>
/// <param name="Notes">What was there and not run, and why that is right.</param>
/// <param name="Elapsed">How long it took.</param>
internal sealed record FolderReport(string Folder, IReadOnlyList<CaseReport> Cases, IReadOnlyList<string> Notes, TimeSpan Elapsed)
{
    /// <summary>Goldens that passed.</summary>
    public int Passed => Cases.Count(one => one.Mismatch is null);

    /// <summary>Goldens that did not.</summary>
    public int Failed => Cases.Count - Passed;

    /// <summary>Largest difference of a logit over all cases; null when none was compared.</summary>
    public double? LogitDifference => Cases.Max(one => one.LogitDifference);

    /// <summary>Largest difference of a log-probability over all cases; null when none was compared.</summary>
    public double? LogProbabilityDifference => Cases.Max(one => one.LogProbabilityDifference);

    /// <summary>The first case that failed, with what differs; null when all passed.</summary>
    public string? FirstMismatch => Cases.FirstOrDefault(one => one.Mismatch is not null) is { } first ? $"{first.Name}: {first.Mismatch}" : null;
}
