namespace Qwen3VL.Batch.Storage;

/// <summary>A group of a job that is not done.</summary>
internal sealed record GroupRow
{
    /// <summary>Its number; 0 is the planning.</summary>
    public int GroupNo { get; init; }

    /// <summary>One of <see cref="Lanes"/>.</summary>
    public short Lane { get; init; }

    /// <summary><c>ready</c>, <c>postponed</c>, <c>waiting</c> for the stage before, <c>leased</c>, or <c>cancelled</c>.</summary>
    public string State { get; init; } = "";

    /// <summary>First chunk.</summary>
    public int FirstChunk { get; init; }

    /// <summary>Last chunk.</summary>
    public int LastChunk { get; init; }

    /// <summary>Worker that holds it.</summary>
    public long? WorkerId { get; init; }

    /// <summary>Seconds until the lease ends, or until it is ready again; null when neither.</summary>
    public double? SecondsLeft { get; init; }

    /// <summary>Claims so far.</summary>
    public long Fence { get; init; }

    /// <summary>Leases that ran out.</summary>
    public short LostCount { get; init; }
}
