using Qwen3VL.Batch.Contracts.V1;

namespace Qwen3VL.Batch.Storage;

/// <summary>Which dead letters of one tenant; null: any.</summary>
internal sealed record DeadLetterQuery
{
    /// <summary>Whose.</summary>
    public required long TenantId { get; init; }

    /// <summary>These only.</summary>
    public IReadOnlyList<Guid>? Ids { get; init; }

    /// <summary><c>open</c>, <c>replaying</c>, <c>replayed</c> or <c>discarded</c>.</summary>
    public string? Status { get; init; }

    /// <summary>Error code.</summary>
    public string? Code { get; init; }

    /// <summary>Job.</summary>
    public Guid? JobId { get; init; }

    /// <summary>Kind.</summary>
    public DeadLetterSource? Source { get; init; }

    /// <summary>Seen last then or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>At most so many, newest first.</summary>
    public int Limit { get; init; } = 1_000;
}
