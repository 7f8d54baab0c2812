using System.Text.Json;
using Qwen3VL.Batch.Contracts;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Storage;

/// <summary>A row of <c>vq.jobs</c> as Dapper fills it.</summary>
internal sealed record JobRow
{
    /// <summary>The columns of this record, for a select from <c>vq.jobs</c>.</summary>
    public const string Columns =
        """
        id, tenant_id AS TenantId, idem_key AS IdemKey, kind, source_uri AS SourceUri, source_sha256 AS SourceSha256, tasks::text AS Tasks,
        options::text AS Options, priority, state, total_chunks AS TotalChunks, done_chunks AS DoneChunks, failed_chunks AS FailedChunks,
        error_code AS ErrorCode, error_message AS ErrorMessage, facts::text AS Facts, created_at AS CreatedAt, finished_at AS FinishedAt,
        deadline_at AS DeadlineAt, replay_of AS ReplayOf, replay_chunks AS ReplayChunks,
        CASE WHEN replay_of IS NOT NULL THEN
          (SELECT c.chunk_no FROM vq.chunks c WHERE c.job_id = id ORDER BY c.stage DESC, c.chunk_no DESC LIMIT 1) END AS LastChunkNo
        """;

    /// <summary>Column <c>id</c>.</summary>
    public Guid Id { get; init; }

    /// <summary>Column <c>tenant_id</c>.</summary>
    public long TenantId { get; init; }

    /// <summary>Column <c>idem_key</c>.</summary>
    public string IdemKey { get; init; } = "";

    /// <summary>Column <c>kind</c>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Column <c>source_uri</c>.</summary>
    public string SourceUri { get; init; } = "";

    /// <summary>Column <c>source_sha256</c>.</summary>
    public string? SourceSha256 { get; init; }

    /// <summary>Column <c>tasks</c>, JSON.</summary>
    public string Tasks { get; init; } = "";

    /// <summary>Column <c>options</c>, JSON.</summary>
    public string Options { get; init; } = "";

    /// <summary>Column <c>priority</c>.</summary>
    public short Priority { get; init; }

    /// <summary>Column <c>state</c>.</summary>
    public string State { get; init; } = "";

    /// <summary>Column <c>total_chunks</c>.</summary>
    public int? TotalChunks { get; init; }

    /// <summary>Column <c>done_chunks</c>.</summary>
    public int DoneChunks { get; init; }

    /// <summary>Column <c>failed_chunks</c>.</summary>
    public int FailedChunks { get; init; }

    /// <summary>Column <c>error_code</c>.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Column <c>error_message</c>.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Column <c>facts</c>, JSON.</summary>
    public string? Facts { get; init; }

    /// <summary>Column <c>created_at</c>, UTC.</summary>
    public DateTime CreatedAt { get; init; }

    /// <summary>Column <c>finished_at</c>, UTC.</summary>
    public DateTime? FinishedAt { get; init; }

    /// <summary>Column <c>deadline_at</c>, UTC.</summary>
    public DateTime? DeadlineAt { get; init; }

    /// <summary>Column <c>replay_of</c>.</summary>
    public Guid? ReplayOf { get; init; }

    /// <summary>Column <c>replay_chunks</c>.</summary>
    public int[]? ReplayChunks { get; init; }

    /// <summary>The last chunk of a follow-up job's last stage.</summary>
    public int? LastChunkNo { get; init; }

    /// <summary>The row as the worker's record.</summary>
    public JobRecord ToRecord() => new()
    {
        Id = Id,
        TenantId = TenantId,
        IdempotencyKey = IdemKey,
        Kind = StoredWord.Parse<JobKind>(Kind),
        Source = new JobSource { Uri = SourceUri, Sha256 = SourceSha256 },
        Tasks = FromJson<IReadOnlyList<JobTask>>(Tasks),
        Options = FromJson<JobOptions>(Options),
        Priority = Priority,
        State = StoredWord.Parse<JobState>(State),
        TotalChunks = TotalChunks,
        DoneChunks = DoneChunks,
        FailedChunks = FailedChunks,
        Error = ErrorCode is null || ErrorMessage is null ? null : new JobError(ErrorCode, ErrorMessage),
        Facts = Facts is null ? null : FromJson<SourceFacts>(Facts),
        CreatedAt = new DateTimeOffset(CreatedAt),
        FinishedAt = FinishedAt is { } finished ? new DateTimeOffset(finished) : null,
        DeadlineAt = DeadlineAt is { } deadline ? new DateTimeOffset(deadline) : null,
        ReplayOf = ReplayOf,
        ReplayChunks = ReplayChunks,
        LastChunkNo = LastChunkNo,
    };

    private static T FromJson<T>(string json) => JsonSerializer.Deserialize<T>(json, ContractJson.Options)
        ?? throw new InvalidOperationException($"stored {typeof(T).Name} must be JSON of it; got null");
}
