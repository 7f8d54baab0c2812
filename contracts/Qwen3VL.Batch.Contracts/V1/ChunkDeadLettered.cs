namespace Qwen3VL.Batch.Contracts.V1;

/// <summary>Event: a chunk of a job was given up and stands among the dead letters. The job goes on without it.</summary>
public sealed record ChunkDeadLettered
{
    /// <summary>Version of the body; 1.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Whose job it is.</summary>
    public long TenantId { get; init; }

    /// <summary>When it happened, by the database's clock.</summary>
    public DateTimeOffset OccurredAt { get; init; }

    /// <summary>Which job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>Which chunk, from 0.</summary>
    public required int ChunkNo { get; init; }

    /// <summary>Why: one of the codes that chunks and jobs have.</summary>
    public required string Code { get; init; }

    /// <summary>Executions that were begun.</summary>
    public required int Attempts { get; init; }
}
