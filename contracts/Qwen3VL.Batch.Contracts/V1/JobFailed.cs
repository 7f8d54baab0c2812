namespace Qwen3VL.Batch.Contracts.V1;

/// <summary>Event: the job ended without any result.</summary>
public sealed record JobFailed
{
    /// <summary>Version of the body; 1.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Whose job it is.</summary>
    public long TenantId { get; init; }

    /// <summary>When it happened, by the database's clock.</summary>
    public DateTimeOffset OccurredAt { get; init; }

    /// <summary>Which job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>Why.</summary>
    public required JobError Error { get; init; }
}
