namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>How a check ended.</summary>
internal enum CheckLevel
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It will work, but not as well as it could.</summary>
    Warn,

    /// <summary>It will not work.</summary>
    Fail,
}
