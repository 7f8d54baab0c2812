namespace Qwen3VL.Batch.Faults.Checking.Facts;

/// <summary>A row of chunks.</summary>
internal sealed record ChunkFact(Guid Job, int ChunkNo, string Kind, int FirstUnit, int LastUnit, string? Outcome, long? Fence, string? ErrorCode)
{
    /// <summary>Pages of a chunk of pages; empty for others.</summary>
    public IEnumerable<int> Pages => Kind == "pages" ? Enumerable.Range(FirstUnit, LastUnit - FirstUnit + 1) : [];

    /// <summary>Name in messages.</summary>
    public string Name => $"chunk {ChunkNo} of job {Job}";
}
