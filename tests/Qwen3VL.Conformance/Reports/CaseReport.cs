namespace Qwen3VL.Conformance.Reports;

/// <summary>What became of one golden.</summary>
/// <param name="Name">Its name inside the folder.</param>
/// <param name="Mismatch">The first thing that differs, or the error; null when it passed.</param>
/// <param name="LogitDifference">Largest difference of a logit; null when none was compared.</param>
/// <param name="LogProbabilityDifference">Largest difference of a log-probability; null when none was compared.</param>
/// <param name="FeatureDifference">Largest difference of an embedding, a DeepStack feature, a layer output or a probability; null when none was compared.</param>
internal sealed record CaseReport(
    string Name, string? Mismatch, double? LogitDifference, double? LogProbabilityDifference, double? FeatureDifference);
