namespace Qwen3VL.Batch.Faults.Checking;

/// <summary>What a scenario planted, and so what the checker must find: filled by the scenario while it runs.</summary>
internal sealed class RunExpectation
{
    /// <summary>Every command that was sent.</summary>
    public List<ExpectedJob> Jobs { get; } = [];

    /// <summary>Commands that must have been refused, by key.</summary>
    public List<string> Rejections { get; } = [];

    /// <summary>Messages that must lie in the dead-letter queue, or were taken from it.</summary>
    public int DeadCommands { get; set; }

    /// <summary>Most executions of chunks beyond one each; null when the fault has no bound.</summary>
    public int? MaxRedone { get; set; }

    /// <summary>
    /// Most executions beyond one each for every claim of a group that came to nothing: how many chunks of a group a worker runs at once. Null
    /// when it differs between workers.
    /// </summary>
    public int? RedonePerLostClaim { get; set; } = 4;

    /// <summary>Most resident memory of a worker in MiB.</summary>
    public long MaxResidentMiB { get; set; } = 1_024;

    /// <summary>
    /// How much slower this machine is now than one on which a worker starts in three seconds: bounds of recoveries grow with it, because most of
    /// a recovery is the start of a worker.
    /// </summary>
    public double Slowness { get; set; } = 1;

    /// <summary>Times that were measured.</summary>
    public List<Recovery> Recoveries { get; } = [];
}
