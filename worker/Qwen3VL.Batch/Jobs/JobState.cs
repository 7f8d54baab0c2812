namespace Qwen3VL.Batch.Jobs;

/// <summary>Life of a job: accepted -> splitting -> running -> succeeded | partial | failed, and from any open state -> cancelling -> cancelled.</summary>
internal enum JobState
{
    /// <summary>Recorded; nobody has looked at the source.</summary>
    Accepted,

    /// <summary>A worker probes the source and makes the plan.</summary>
    Splitting,

    /// <summary>Chunks are open.</summary>
    Running,

    /// <summary>Cancel was asked for; leased work is being given back.</summary>
    Cancelling,

    /// <summary>All chunks succeeded. Final.</summary>
    Succeeded,

    /// <summary>Some chunks were given up. Final.</summary>
    Partial,

    /// <summary>No result. Final.</summary>
    Failed,

    /// <summary>Cancelled; finished chunks are kept. Final.</summary>
    Cancelled,
}
