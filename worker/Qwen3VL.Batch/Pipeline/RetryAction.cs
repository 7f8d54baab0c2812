namespace Qwen3VL.Batch.Pipeline;

/// <summary>What follows a failed execution of a chunk.</summary>
internal enum RetryAction
{
    /// <summary>The group is given back as it is.</summary>
    Release,

    /// <summary>The chunk is done again after a pause.</summary>
    Retry,

    /// <summary>The chunk ends as failed.</summary>
    GiveUp,
}
