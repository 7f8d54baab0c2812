namespace Qwen3VL.Batch.Faults.Checking.Facts;

/// <summary>A row of pages.</summary>
internal sealed record PageFact(Guid Job, int PageNo, int ChunkNo, string ContentSha256, string? Body);
