namespace Qwen3VL.Batch.Faults.Processes;

/// <summary>How a worker process is started. Leases and polls are short, so that recovery takes seconds.</summary>
internal sealed record WorkerSetup
{
    /// <summary>Which program.</summary>
    public WorkerKind Kind { get; init; } = WorkerKind.Deterministic;

    /// <summary>Seconds that a lease lives without a heartbeat.</summary>
    public double LeaseSeconds { get; init; } = 3;

    /// <summary>Seconds between two looks for work.</summary>
    public double PollSeconds { get; init; } = 0.1;

    /// <summary>Seconds that chunks may go on after SIGTERM.</summary>
    public double GraceSeconds { get; init; } = 10;

    /// <summary>Groups held at once.</summary>
    public int Slots { get; init; } = 2;

    /// <summary>Chunks of a group at once.</summary>
    public int ChunksAtOnce { get; init; } = 4;

    /// <summary>Chunks of a group.</summary>
    public int ChunksPerGroup { get; init; } = 8;

    /// <summary>Mean time of an answer of the deterministic engine, in milliseconds.</summary>
    public double DelayMs { get; init; } = 20;

    /// <summary>Point to die at; see <see cref="Control.ReachedPoint"/>.</summary>
    public string? CrashAt { get; init; }

    /// <summary>Point to stop at.</summary>
    public string? PauseAt { get; init; }

    /// <summary>Guards to go without; see <see cref="Control.Guard"/>.</summary>
    public string? WithoutGuards { get; init; }

    /// <summary>Whether the product's decoder reads the files.</summary>
    public bool RealMedia { get; init; }

    /// <summary>Port of a proxy before the database; null is the database itself.</summary>
    public int? DatabasePort { get; init; }

    /// <summary>Port of a proxy before the broker; null is the broker itself.</summary>
    public int? BrokerPort { get; init; }

    /// <summary>Put before the program, for example a shell that sets limits.</summary>
    public IReadOnlyList<string> Prefix { get; init; } = [];

    /// <summary>More environment variables.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
