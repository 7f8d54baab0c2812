namespace Qwen3VL.Batch.Contracts.V1;

/// <summary>Event: a job is recorded and will be done.</summary>
public sealed record JobAccepted
{
    /// <summary>Version of the body; 1.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Whose job it is.</summary>
    public long TenantId { get; init; }

    /// <summary>When it happened, by the database's clock.</summary>
    public DateTimeOffset OccurredAt { get; init; }

    /// <summary>Which job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The key of the command that made it.</summary>
    public required string IdempotencyKey { get; init; }
}
