namespace Qwen3VL.Batch.Contracts.V1;

/// <summary>Event: the job ended; some chunks were given up, the results of the others are stored.</summary>
public sealed record JobPartial
{
    /// <summary>Version of the body; 1.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Whose job it is.</summary>
    public long TenantId { get; init; }

    /// <summary>When it happened, by the database's clock.</summary>
    public DateTimeOffset OccurredAt { get; init; }

    /// <summary>Which job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>Chunks of the job.</summary>
    public required int TotalChunks { get; init; }

    /// <summary>Chunks that succeeded.</summary>
    public required int DoneChunks { get; init; }

    /// <summary>Chunks that were given up.</summary>
    public required int FailedChunks { get; init; }

    /// <summary>Why.</summary>
    public required JobError Error { get; init; }
}
