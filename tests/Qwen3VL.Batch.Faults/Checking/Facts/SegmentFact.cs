namespace Qwen3VL.Batch.Faults.Checking.Facts;

/// <summary>A row of segments.</summary>
internal sealed record SegmentFact(Guid Job, int ChunkNo, string Kind, int StartMs, int EndMs, string Body);
