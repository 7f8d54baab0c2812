namespace Qwen3VL.Batch.Storage;

/// <summary>What ending a chunk did.</summary>
internal enum ChunkEnd
{
    /// <summary>This call ended it.</summary>
    Recorded,

    /// <summary>This call ended it, and the job with it.</summary>
    JobFinished,

    /// <summary>It had ended before, or the lease is lost: nothing was written but non-billable usage.</summary>
    Superseded,
}
