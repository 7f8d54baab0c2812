using Qwen3VL.Batch.Contracts.V1;

namespace Qwen3VL.Batch.Jobs;

/// <summary>A job as it stands in the database.</summary>
internal sealed record JobRecord
{
    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose job it is.</summary>
    public required long TenantId { get; init; }

    /// <summary>The client's key.</summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>What is read.</summary>
    public required JobKind Kind { get; init; }

    /// <summary>Where it is.</summary>
    public required JobSource Source { get; init; }

    /// <summary>What is asked.</summary>
    public required IReadOnlyList<JobTask> Tasks { get; init; }

    /// <summary>How.</summary>
    public required JobOptions Options { get; init; }

    /// <summary>0..9.</summary>
    public required int Priority { get; init; }

    /// <summary>Where it stands.</summary>
    public required JobState State { get; init; }

    /// <summary>Chunks; null until planned.</summary>
    public required int? TotalChunks { get; init; }

    /// <summary>Chunks that succeeded.</summary>
    public required int DoneChunks { get; init; }

    /// <summary>Chunks that were given up.</summary>
    public required int FailedChunks { get; init; }

    /// <summary>Why it failed or is partial.</summary>
    public required JobError? Error { get; init; }

    /// <summary>What probing found; null until planned.</summary>
    public required SourceFacts? Facts { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset? FinishedAt { get; init; }

    /// <summary>After this it is not worth doing.</summary>
    public required DateTimeOffset? DeadlineAt { get; init; }

    /// <summary>The ended job that this one does chunks of anew.</summary>
    public Guid? ReplayOf { get; init; }

    /// <summary>Which chunks of it; null: all. Later stages that depend on them are planned as well.</summary>
    public IReadOnlyList<int>? ReplayChunks { get; init; }

    /// <summary>Number of the chunk that ends a follow-up job; null for other jobs, whose chunks are numbered without gaps.</summary>
    public int? LastChunkNo { get; init; }
}
