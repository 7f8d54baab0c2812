namespace Qwen3VL.Batch.Faults.Checking.Facts;

/// <summary>A row of work.</summary>
internal sealed record WorkFact(Guid Job, int GroupNo, bool IsLeased, bool IsExpired);
