using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Storage;

/// <summary>Which jobs of a tenant are listed; what is not set lets everything through.</summary>
internal sealed record JobFilter
{
    /// <summary>In one of these states.</summary>
    public IReadOnlyList<JobState> States { get; init; } = [];

    /// <summary>Of this kind, as it is stored.</summary>
    public string? Kind { get; init; }

    /// <summary>Accepted at this time or later.</summary>
    public DateTimeOffset Since { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Accepted before this time.</summary>
    public DateTimeOffset Until { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>With this in the address of the source.</summary>
    public string? Source { get; init; }

    /// <summary>With this error.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Most jobs.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>Which come first.</summary>
    public JobOrder Order { get; init; }
}
