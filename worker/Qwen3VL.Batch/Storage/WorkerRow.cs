namespace Qwen3VL.Batch.Storage;

/// <summary>A row of <see cref="FleetSql.List"/>.</summary>
internal sealed record WorkerRow
{
    /// <summary>Its number.</summary>
    public long Id { get; init; }

    /// <summary>Machine.</summary>
    public string Host { get; init; } = "";

    /// <summary>Process.</summary>
    public int ProcessId { get; init; }

    /// <summary>Of the program.</summary>
    public string Version { get; init; } = "";

    /// <summary>Numbers of its lanes.</summary>
    public short[] Lanes { get; init; } = [];

    /// <summary>Groups that it holds at most.</summary>
    public int Slots { get; init; }

    /// <summary>Groups that it holds.</summary>
    public int Held { get; init; }

    /// <summary>When it started, UTC.</summary>
    public DateTime StartedAt { get; init; }

    /// <summary>Seconds since its last beat, by the database's clock.</summary>
    public double SilentSeconds { get; init; }

    /// <summary>It begins nothing new, or was asked not to.</summary>
    public bool Draining { get; init; }

    /// <summary>It has ended.</summary>
    public bool Stopped { get; init; }

    /// <summary>It ended without a word.</summary>
    public bool Lost { get; init; }

    /// <summary>Its state in one word. A worker that runs but was silent for longer than a lease holds nothing any more: lost.</summary>
    public string State(double leaseSeconds) => (Stopped, Lost) switch
    {
        (_, true) => "lost",
        (true, false) => "stopped",
        _ when SilentSeconds > leaseSeconds => "lost",
        _ => Draining ? "draining" : "live",
    };
}
