namespace Qwen3VL.Batch.Pipeline;

/// <summary>What kind of failure an execution of a chunk met: it says who is at fault, and so what helps.</summary>
internal enum FailureClass
{
    /// <summary>Infrastructure: passes by itself. The group is given back; nothing counts against the chunk.</summary>
    Transient,

    /// <summary>It did not fit: the next execution takes smaller media.</summary>
    Capacity,

    /// <summary>The content or the answer, perhaps by chance: tried again a few times.</summary>
    Content,

    /// <summary>The content or the command, for certain: not tried again.</summary>
    Permanent,

    /// <summary>An exception nobody expected: tried again a few times, because it may have been the moment's.</summary>
    Defect,
}
