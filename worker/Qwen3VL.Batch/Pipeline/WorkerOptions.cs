namespace Qwen3VL.Batch.Pipeline;

/// <summary>Section <c>Worker</c>.</summary>
internal sealed record WorkerOptions
{
    /// <summary>Groups this process holds at the same time.</summary>
    public int Slots { get; init; } = 2;

    /// <summary>Lanes that this process takes from, with commas between them: <c>bulk</c>, <c>interactive</c>, <c>quarantine</c>.</summary>
    public string Lanes { get; init; } = "bulk,interactive";

    /// <summary>
    /// Of the slots, those that only interactive work (priorities 8 and 9) may use: it then waits for no bulk group to end. 0: all slots are
    /// shared and urgent work goes first when one is free, because a slot that idles for work that never comes is a worse default.
    /// </summary>
    public int ReservedSlots { get; init; }

    /// <summary>Life of a lease without a heartbeat, in seconds.</summary>
    public double LeaseSeconds { get; init; } = 60;

    /// <summary>Longest wait between two looks for work when nothing wakes the worker, in seconds.</summary>
    public double PollSeconds { get; init; } = 1;

    /// <summary>How long chunks in flight may go on after SIGTERM, in seconds; then their groups are given back.</summary>
    public double GraceSeconds { get; init; } = 30;

    /// <summary>Chunks of one group that run at the same time: the engine batches their requests.</summary>
    public int ChunksAtOnce { get; init; } = 4;

    /// <summary>Who does the quarantined groups.</summary>
    public QuarantineMode Quarantine { get; init; } = QuarantineMode.Child;

    /// <summary>Longest execution of one chunk in seconds; then it is stopped, and counts as a failure of its content.</summary>
    public double ChunkTimeoutSeconds { get; init; } = 1_800;

    /// <summary>How long the engine may compute nothing while requests are open, in seconds; then the process ends. 0 never ends it.</summary>
    public double StuckSeconds { get; init; } = 120;

    /// <summary>Loopback port of the health endpoint; 0 is off.</summary>
    public int HealthPort { get; init; }

    /// <summary>
    /// Whether this process does quarantined groups: what killed its workers before runs here alone, one group and one chunk at a time, and
    /// nothing else.
    /// </summary>
    public bool IsQuarantine => Storage.Lanes.TryParse(Lanes, out short[]? lanes) && lanes.Contains(Storage.Lanes.Quarantine);
}
