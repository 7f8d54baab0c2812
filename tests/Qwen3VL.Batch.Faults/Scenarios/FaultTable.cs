namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>All faults that the system must stand, whether they can be forced on a machine like this, and what is left out.</summary>
internal static class FaultTable
{
    /// <summary>In order.</summary>
    public static IReadOnlyList<FaultRow> All { get; } =
    [
        new("F1", "kill -9 of workers, again and again"),
        new("F2", "kill -9 between each pair of steps"),
        new("F3", "the database commits and its answer never arrives"),
        new("F4", "the broker takes an event and its confirm never arrives"),
        new("F5", "crash of the database"),
        new("F6", "the database away for a minute"),
        new("F7", "failover: the database is read-only", "one server: a standby is not promoted, the state in which it refuses writes is forced"),
        new("F8", "the database's disk full", "the data's disk only; a server whose log of transactions has no room stops, which is F5"),
        new("F9", "more connections than the server takes"),
        new("F10", "locks that are kept, cancels against completions"),
        new("F11", "a session that stays in a transaction"),
        new("F12", "kill -9 of the broker", "one node: losing a majority of a quorum queue's nodes needs three"),
        new("F13", "orderly stop and start of the broker"),
        new("F14", "the broker's consumer timeout"),
        new("F15", "half-open connections"),
        new("F16", "partition between a worker and one of the two servers"),
        new("F17", "zombie: a worker that was stopped for longer than its lease"),
        new("F18", "every message many times"),
        new("F19", "an idempotency key used twice"),
        new("F20", "poison content", "answers of a video's times are left to the parser's own tests"),
        new("F21", "poison crash"),
        new("F22", "poison memory", "the harness kills at the limit, as the kernel would; the memory of a control group is not ours to set everywhere"),
        new("F23", "a slow engine, a page that takes very long", "a limit of seconds in place of ten minutes"),
        new("F24", "an engine without progress", "a limit of seconds in place of two minutes"),
        new("F25", "a subscriber's queue is full"),
        new("F26", "the broker's alarm"),
        new("F27", "exchange or queue deleted while in use"),
        new("F28", "clock skew", "a step of the clock during a run is left out: the product's waits are monotonic, and a lease's time is the database's"),
        new("F29", "drain under load"),
        new("F30", "a drain that is cut short"),
        new("F31", "cancels at every moment"),
        new("F32", "workers come and go", "four workers at most: more do not start in time on two cores"),
        new("F33", "rolling upgrade", "one version is built: the other's messages and schema are forced, its program is not run"),
        new("F34", "migrations race, and one is killed", "no script of this schema makes an index concurrently; the runner's own tests force one that is left invalid"),
        new("F35", "replay of dead letters: twice at once, and killed"),
        new("F36", "no partition for this month", "the database's clock is the machine's: the month's partitions are dropped, the month does not end"),
        new("F37", "few files", "ports and threads cannot be limited for one process without a namespace of its own"),
        new("F38", "hours of mixed load", "the command soak, by time"),
    ];
}
