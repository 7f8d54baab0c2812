using Qwen3VL.Batch.Contracts.V1;

namespace Qwen3VL.Batch.Storage;

/// <summary>What a statement on a job's counters returns, enough for its events.</summary>
internal sealed record JobCounts
{
    /// <summary>The columns of this record, for a RETURNING of <c>vq.jobs</c>.</summary>
    public const string Columns =
        """
        id, tenant_id AS TenantId, state, coalesce(total_chunks, 0) AS TotalChunks, done_chunks AS DoneChunks, failed_chunks AS FailedChunks,
        error_code AS ErrorCode, error_message AS ErrorMessage, progress_at IS NOT DISTINCT FROM now() AS ProgressDue, now() AS At
        """;

    /// <summary>The job.</summary>
    public Guid Id { get; init; }

    /// <summary>Whose it is.</summary>
    public long TenantId { get; init; }

    /// <summary>Its state.</summary>
    public string State { get; init; } = "";

    /// <summary>Chunks; 0 until planned.</summary>
    public int TotalChunks { get; init; }

    /// <summary>Chunks that succeeded.</summary>
    public int DoneChunks { get; init; }

    /// <summary>Chunks that were given up.</summary>
    public int FailedChunks { get; init; }

    /// <summary>Why it failed or is partial.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Why, for people.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>This transaction is the one that tells of the progress: at most one a second and job.</summary>
    public bool ProgressDue { get; init; }

    /// <summary>The database's time, UTC.</summary>
    public DateTime At { get; init; }

    /// <summary>All chunks have ended.</summary>
    public bool AllEnded => TotalChunks > 0 && DoneChunks + FailedChunks == TotalChunks;

    private DateTimeOffset OccurredAt => new(At);

    private JobError Error => new(ErrorCode ?? Jobs.ErrorCodes.Internal, ErrorMessage ?? "the job ended without a reason");

    /// <summary>The event of the counts as they stand.</summary>
    public JobProgress Progress() => new()
    {
        TenantId = TenantId,
        OccurredAt = OccurredAt,
        JobId = Id,
        TotalChunks = TotalChunks,
        DoneChunks = DoneChunks,
        FailedChunks = FailedChunks,
    };

    /// <summary>The event of a final state.</summary>
    /// <exception cref="InvalidOperationException">The state is not final.</exception>
    public object FinalEvent() => State switch
    {
        "succeeded" => new JobSucceeded
        {
            TenantId = TenantId,
            OccurredAt = OccurredAt,
            JobId = Id,
            TotalChunks = TotalChunks,
            DoneChunks = DoneChunks,
            FailedChunks = FailedChunks,
        },
        "partial" => new JobPartial
        {
            TenantId = TenantId,
            OccurredAt = OccurredAt,
            JobId = Id,
            TotalChunks = TotalChunks,
            DoneChunks = DoneChunks,
            FailedChunks = FailedChunks,
            Error = Error,
        },
        "failed" => new JobFailed { TenantId = TenantId, OccurredAt = OccurredAt, JobId = Id, Error = Error },
        "cancelled" => new JobCancelled
        {
            TenantId = TenantId,
            OccurredAt = OccurredAt,
            JobId = Id,
            TotalChunks = TotalChunks,
            DoneChunks = DoneChunks,
            FailedChunks = FailedChunks,
        },
        _ => throw new InvalidOperationException($"a final event must be of a final state; got {State}"),
    };
}
