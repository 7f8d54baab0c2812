namespace Qwen3VL.Batch.Pipeline;

/// <summary>Why a lease stopped being good for more work.</summary>
internal enum LeaseEnd
{
    /// <summary>It has not: the worker holds it.</summary>
    Held,

    /// <summary>The database gave it to nobody or to another worker. Nothing may be written under it.</summary>
    Lost,

    /// <summary>No heartbeat succeeded for so long that another worker may hold it. Nothing may be written under it.</summary>
    Expired,

    /// <summary>The job was cancelled. The group is to be finished.</summary>
    Cancelled,
}
