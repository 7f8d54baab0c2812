namespace Qwen3VL.Batch.Faults.Checking.Facts;

/// <summary>Boxes of a page, counted.</summary>
internal sealed record BoxesFact(Guid Job, int ChunkNo, int PageNo, long Count);
