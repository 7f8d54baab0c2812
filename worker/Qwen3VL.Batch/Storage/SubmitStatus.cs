namespace Qwen3VL.Batch.Storage;

/// <summary>What became of a submit command.</summary>
internal enum SubmitStatus
{
    /// <summary>A new job.</summary>
    Accepted,

    /// <summary>The same command was recorded before.</summary>
    Duplicate,

    /// <summary>The key belongs to a job with another body.</summary>
    Conflict,
}
