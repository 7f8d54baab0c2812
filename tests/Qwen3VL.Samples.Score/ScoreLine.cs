namespace Qwen3VL.Samples.Score;

/// <summary>One line of the report.</summary>
/// <param name="Sample">Sample file.</param>
/// <param name="What">What was measured, with its number.</param>
/// <param name="Verdict">Whether the threshold holds; null for a line that only informs.</param>
internal sealed record ScoreLine(string Sample, string What, bool? Verdict);
