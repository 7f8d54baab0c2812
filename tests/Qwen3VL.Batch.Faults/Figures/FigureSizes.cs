namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>How much is done for each figure.</summary>
internal sealed record FigureSizes
{
    /// <summary>For trying the program: seconds, and numbers that say nothing.</summary>
    public static FigureSizes Small { get; } = new()
    {
        Kills = 4,
        Restarts = 1,
        DatabaseCrashes = 1,
        Zombies = 1,
        Cancels = 4,
        ProductCancels = 1,
        ReadyGroups = 2_000,
        HistoryRows = 5_000,
        ProbeTime = TimeSpan.FromSeconds(1),
        SnapshotTime = TimeSpan.FromSeconds(3),
    };

    /// <summary>For the page: about eleven minutes on two idle cores.</summary>
    public static FigureSizes Default { get; } = new();

    /// <summary>For narrower bounds: more than half an hour.</summary>
    public static FigureSizes Large { get; } = new()
    {
        Kills = 1_000,
        Restarts = 10,
        DatabaseCrashes = 20,
        Zombies = 30,
        Cancels = 120,
        ProductCancels = 20,
        ProbeTime = TimeSpan.FromSeconds(20),
        SnapshotTime = TimeSpan.FromSeconds(120),
    };

    /// <summary>Workers killed.</summary>
    public int Kills { get; init; } = 120;

    /// <summary>Restarts of the broker, of each kind.</summary>
    public int Restarts { get; init; } = 3;

    /// <summary>Crashes of the database.</summary>
    public int DatabaseCrashes { get; init; } = 5;

    /// <summary>Workers stopped and woken.</summary>
    public int Zombies { get; init; } = 6;

    /// <summary>Jobs cancelled.</summary>
    public int Cancels { get; init; } = 24;

    /// <summary>Jobs of the product's program cancelled.</summary>
    public int ProductCancels { get; init; } = 6;

    /// <summary>Groups that wait while claims are timed.</summary>
    public int ReadyGroups { get; init; } = 100_000;

    /// <summary>Rows of each large table that make the history.</summary>
    public int HistoryRows { get; init; } = 1_000_000;

    /// <summary>Length of one measurement of claims or throughput.</summary>
    public TimeSpan ProbeTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a snapshot is held open.</summary>
    public TimeSpan SnapshotTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Sizes of a name.</summary>
    /// <exception cref="ArgumentException">There are none of that name.</exception>
    public static FigureSizes Of(string name) => name switch
    {
        "small" => Small,
        "default" => Default,
        "large" => Large,
        _ => throw new ArgumentException($"--sizes must be small, default or large; got {name}"),
    };
}
