namespace Qwen3VL.Batch.Faults.Checking.Facts;

/// <summary>A row of chunk_attempts.</summary>
internal sealed record AttemptFact(Guid Job, int ChunkNo, long Fence, string Outcome);
