namespace Qwen3VL.Batch.Contracts.V1;

/// <summary>Command: stop a job. Finished chunks are kept. Repeating it, or cancelling a finished job, changes nothing.</summary>
public sealed record CancelJob
{
    /// <summary>Version of the body; 1.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Whose job it is; a job of another tenant is not touched.</summary>
    public long TenantId { get; init; }

    /// <summary>When the client made the command.</summary>
    public DateTimeOffset OccurredAt { get; init; }

    /// <summary>Which job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>Why, for the record; up to 500 characters.</summary>
    public string? Reason { get; init; }
}
