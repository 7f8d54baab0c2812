namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>All faults that the system must stand, whether they can be forced on a machine like this, and what is left out.</summary>
internal static class FaultTable
{
    /// <summary>In order.</summary>
    public static IReadOnlyList<FaultRow> All { get; } =
    [
        new("F1", "kill -9 of workers, again and again"),
        new("F2", "kill -9 between each pair of steps", "the same is expected after each point: the rules, and that nothing is done again beyond the claim that was lost; where an event was sent, that it comes again; no table of states for each"),
        new("F3", "the database commits and its answer never arrives"),
        new("F4", "the broker takes an event and its confirm never arrives", "one confirm in four, of some tens of events"),
        new("F5", "crash of the database", "a server that does not sync to disk: the crash is of its processes, not of the machine"),
        new("F6", "the database away for a minute", "that all goes on afterwards is checked; that claims stop meanwhile is left to the tests of GroupRunner and WorkerLoop, and how much memory finished results take to nobody"),
        new("F7", "failover: the database is read-only", "one server: a standby is not promoted, the state in which it refuses writes is forced"),
        new("F8", "the database's disk full", "the data's disk only; a server whose log of transactions has no room stops, which is F5"),
        new("F9", "more connections than the server takes"),
        new("F10", "locks that are kept, cancels against completions", "200 races, not 1,000; the order is left to chance"),
        new("F11", "a session that stays in a transaction", "that it ends is checked; how claims slow down meanwhile is measured by the report"),
        new("F12", "kill -9 of the broker", "one node: losing a majority of a quorum queue's nodes needs three; that chunks go on to be done without a broker is checked, not that they are done as fast"),
        new("F13", "orderly stop and start of the broker", "4 senders and 3 rounds, not 24 and 20"),
        new("F14", "the broker's consumer timeout", "a limit of 10 s in place of a minute; the consumer is back within 60 s, not 10: the broker looks once a minute"),
        new("F15", "half-open connections"),
        new("F16", "partition between a worker and one of the two servers"),
        new("F17", "zombie: a worker that was stopped for longer than its lease"),
        new("F18", "every message many times", "that nothing is done twice; the use of the processor is not bounded, and dead commands are not sent back"),
        new("F19", "an idempotency key used twice"),
        new("F20", "poison content", "answers of a video's times are left to the parser's own tests"),
        new("F21", "poison crash"),
        new("F22", "poison memory: what the process has none for (full tier), what the engine has no room for", "the harness kills at the limit, as the kernel would; the memory of a control group is not ours to set everywhere"),
        new("F23", "a slow engine, a page that takes very long", "a limit of seconds in place of ten minutes"),
        new("F24", "an engine without progress (full tier), or one that stops itself", "a limit of seconds in place of two minutes"),
        new("F25", "a subscriber's queue is full", "a queue for one event, not ten"),
        new("F26", "the broker's alarm", "of the disk, for as long as a job takes; the memory's is not raised"),
        new("F27", "exchange or queue deleted while in use", "users are not deleted"),
        new("F28", "clock skew", "a step of the clock during a run is left out: the product's waits are monotonic, and a lease's time is the database's"),
        new("F29", "drain under load", "12 drains, not 50, at a chosen moment: a chunk in each engine"),
        new("F30", "a drain that is cut short", "once of each kind"),
        new("F31", "cancels at every moment"),
        new("F32", "workers come and go", "four workers at most: more do not start in time on two cores; that all ends and nothing is done twice is checked, not that no worker is idle, the fairness of tenants, or that a prefix is on one worker"),
        new("F33", "rolling upgrade", "one version is built: the other's messages and schema are forced, its program is not run"),
        new("F34", "migrations race, and one is killed", "one killed inside the third script; no script of this schema makes an index concurrently; the runner's own tests force one that is left invalid"),
        new("F35", "replay of dead letters: twice at once, and killed", "one letter"),
        new("F36", "no partition for this month", "the database's clock is the machine's: the month's partitions are dropped, the month does not end"),
        new("F37", "few files", "whether 64 chunks at once meet the limit of 256 files differs from run to run, and where they do the runtime may end the process; ports and threads cannot be limited for one process without a namespace of its own"),
        new("F38", "hours of mixed load", "the command soak, by time"),
    ];
}
