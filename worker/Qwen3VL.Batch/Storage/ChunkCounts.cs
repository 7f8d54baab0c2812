namespace Qwen3VL.Batch.Storage;

/// <summary>Counts over the chunks of a job.</summary>
internal sealed record ChunkCounts
{
    /// <summary>Not ended.</summary>
    public int Open { get; init; }

    /// <summary>Ended well.</summary>
    public int Succeeded { get; init; }

    /// <summary>Given up.</summary>
    public int Failed { get; init; }

    /// <summary>Dropped with the job.</summary>
    public int Cancelled { get; init; }

    /// <summary>Times that chunks were begun more than once.</summary>
    public int Retries { get; init; }

    /// <summary>Failures that workers reported.</summary>
    public int Failures { get; init; }

    /// <summary>Starts that no worker answered for.</summary>
    public int LostStarts { get; init; }

    /// <summary>Chunks whose media were made smaller to fit.</summary>
    public int Degraded { get; init; }
}
