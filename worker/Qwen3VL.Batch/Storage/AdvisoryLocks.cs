namespace Qwen3VL.Batch.Storage;

/// <summary>Numbers of advisory locks of the database; ...230 and ...231 are those of migrations and of the making of partitions.</summary>
internal static class AdvisoryLocks
{
    /// <summary>The one worker that sweeps.</summary>
    public const long Sweeps = 7310450232;

    /// <summary>The one process of the quarantine lane that workers start.</summary>
    public const long Quarantine = 7310450233;

    /// <summary>Whether a month may go: alone to decide that it goes, shared to build on what it holds.</summary>
    public const long Months = 7310450234;
}
