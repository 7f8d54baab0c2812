namespace Qwen3VL.Batch.Faults.Checking.Facts;

/// <summary>A row of usage_records.</summary>
internal sealed record UsageFact(Guid Job, int ChunkNo, long Fence, bool Billable);
