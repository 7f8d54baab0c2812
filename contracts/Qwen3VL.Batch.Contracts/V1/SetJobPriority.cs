namespace Qwen3VL.Batch.Contracts.V1;

/// <summary>Command: move an open job in the queue. Repeating it changes nothing, and so does it for a job that has ended.</summary>
public sealed record SetJobPriority
{
    /// <summary>Version of the body; 1.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Whose job it is; a job of another tenant is not touched.</summary>
    public long TenantId { get; init; }

    /// <summary>When the client made the command.</summary>
    public DateTimeOffset OccurredAt { get; init; }

    /// <summary>Which job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>0 (whenever) .. 9 (at once). The job's place follows from this and from when it was accepted.</summary>
    public required int Priority { get; init; }
}
