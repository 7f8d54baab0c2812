namespace Qwen3VL.Batch.Contracts.V1;

/// <summary>Event: a command was refused; nothing was recorded but the refusal.</summary>
public sealed record JobRejected
{
    /// <summary>Version of the body; 1.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Whose job it is.</summary>
    public long TenantId { get; init; }

    /// <summary>When it happened, by the database's clock.</summary>
    public DateTimeOffset OccurredAt { get; init; }

    /// <summary>The key of the command that made it.</summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>Why.</summary>
    public required JobError Error { get; init; }
}
