namespace Qwen3VL.Batch.Faults.Control;

/// <summary>Environment variables between the harness and a FaultWorker. The product reads none of them.</summary>
internal static class FaultVariables
{
    /// <summary>Folder that harness and workers share: orders, gates, counts of attempts, ledgers.</summary>
    public const string Folder = "VQ_FOLDER";

    /// <summary>Dies at a point: <c>point</c> or <c>point:n</c> for the n-th time.</summary>
    public const string CrashAt = "VQ_CRASH_AT";

    /// <summary>Stops (SIGSTOP) at a point: the same form.</summary>
    public const string PauseAt = "VQ_PAUSE_AT";

    /// <summary>Seed of the delays.</summary>
    public const string Seed = "VQ_SEED";

    /// <summary>Mean time of an answer in milliseconds; single ones take half to one and a half of it.</summary>
    public const string DelayMs = "VQ_DELAY_MS";

    /// <summary>Guards that this worker goes without, comma-separated; see <see cref="Guard"/>.</summary>
    public const string WithoutGuards = "VQ_WITHOUT_GUARDS";

    /// <summary><c>real</c> decodes files with the product's decoder; otherwise pages are synthetic.</summary>
    public const string Media = "VQ_MEDIA";
}
