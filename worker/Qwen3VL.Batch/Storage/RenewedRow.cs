namespace Qwen3VL.Batch.Storage;

/// <summary>A row of <see cref="LeaseSql.Heartbeat"/>.</summary>
internal sealed record RenewedRow
{
    /// <summary>Job.</summary>
    public Guid JobId { get; init; }

    /// <summary>Group of the job.</summary>
    public int GroupNo { get; init; }

    /// <summary>Number of the claim.</summary>
    public long Fence { get; init; }

    /// <summary>The job was cancelled.</summary>
    public bool Cancelled { get; init; }
}
