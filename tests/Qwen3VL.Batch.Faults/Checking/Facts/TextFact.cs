namespace Qwen3VL.Batch.Faults.Checking.Facts;

/// <summary>A caption (unit is its page), a partial summary (unit is its first part) or a job's summary (unit 0).</summary>
internal sealed record TextFact(Guid Job, int ChunkNo, int Unit, string Body);
