namespace Qwen3VL.Batch.Storage;

/// <summary>A lease that ran out, as Dapper fills it.</summary>
internal sealed record ExpiredLease
{
    /// <summary>Job.</summary>
    public Guid JobId { get; init; }

    /// <summary>Group.</summary>
    public int GroupNo { get; init; }

    /// <summary>Number of the claim.</summary>
    public long Fence { get; init; }

    /// <summary>Who held it.</summary>
    public long WorkerId { get; init; }

    /// <summary>The claim.</summary>
    public ClaimedGroup Group => new(JobId, GroupNo, Fence, WorkerId);
}
