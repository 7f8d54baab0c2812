namespace Qwen3VL.Batch.Pipeline;

/// <summary>When the claim loop last looked for work: the process's own proof of life. Safe from any thread.</summary>
internal sealed class WorkerActivity(TimeProvider time)
{
    private long _lookedAt = time.GetTimestamp();

    /// <summary>Whether leases were ever asked for, and the worker is not on its way out.</summary>
    public bool Ready { get; set; }

    /// <summary>Time since the last look.</summary>
    public TimeSpan SinceLook => time.GetElapsedTime(Volatile.Read(ref _lookedAt));

    /// <summary>Called on every turn of the claim loop, on every try to register, and while the worker drains.</summary>
    public void Looked() => Volatile.Write(ref _lookedAt, time.GetTimestamp());
}
