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

    /// <summary>Loopback port of the health endpoint; 0 is off.</summary>
    public int HealthPort { get; init; }
}
