namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>What one check found.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Level">How it ended.</param>
/// <param name="Message">What was found; no secret.</param>
/// <param name="Advice">What to do; null when there is nothing to do.</param>
internal sealed record CheckResult(string Name, CheckLevel Level, string Message, string? Advice = null);
