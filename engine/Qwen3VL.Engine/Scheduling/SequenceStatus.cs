namespace Qwen3VL.Engine.Scheduling;

/// <summary>Where a sequence is.</summary>
internal enum SequenceStatus
{
    /// <summary>In the waiting queue: holds no block and no encoder reference.</summary>
    Waiting,

    /// <summary>Admitted: holds blocks.</summary>
    Running,

    /// <summary>Ended or aborted: holds nothing.</summary>
    Finished,
}
