namespace Qwen3VL.Batch.Contracts.V1;

/// <summary>
/// Command: do a job. Idempotent by tenant and key: the same key with the same body is the same job; with another body it is rejected.
/// </summary>
public sealed record SubmitJob
{
    /// <summary>Version of the body; 1.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Whose job it is.</summary>
    public long TenantId { get; init; }

    /// <summary>When the client made the command.</summary>
    public DateTimeOffset OccurredAt { get; init; }

    /// <summary>1..200 characters, chosen by the client, unique per wanted job.</summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>What is read.</summary>
    public required JobKind Kind { get; init; }

    /// <summary>Where it is.</summary>
    public required JobSource Source { get; init; }

    /// <summary>What is asked, 1..8 tasks, each kind once.</summary>
    public required IReadOnlyList<JobTask> Tasks { get; init; }

    /// <summary>How it is done.</summary>
    public JobOptions Options { get; init; } = new();

    /// <summary>0 (whenever) .. 9 (at once).</summary>
    public int Priority { get; init; } = 5;

    /// <summary>After this instant the job is not worth doing; unfinished chunks are given up.</summary>
    public DateTimeOffset? DeadlineAt { get; init; }
}
