namespace Qwen3VL.Batch.Storage;

/// <summary>A chunk whose start was lost, as Dapper fills it.</summary>
internal sealed record LostChunk
{
    /// <summary>Column <c>chunk_no</c>.</summary>
    public int ChunkNo { get; init; }

    /// <summary>Column <c>stage</c>.</summary>
    public short Stage { get; init; }

    /// <summary>Column <c>lost_starts</c>, this one counted.</summary>
    public short LostStarts { get; init; }
}
