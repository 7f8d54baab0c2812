using Qwen3VL.Batch.Faults.Checking.Facts;
using Qwen3VL.Batch.Faults.Ledger;
using Qwen3VL.Batch.Faults.Servers;

namespace Qwen3VL.Batch.Faults.Checking;

/// <summary>Everything that a run left behind: the database, the broker, what the ledgers and the subscriber saw. Read once, then only looked at.</summary>
internal sealed record RunState
{
    /// <summary>All jobs.</summary>
    public IReadOnlyList<JobFact> Jobs { get; init; } = [];

    /// <summary>All chunks.</summary>
    public IReadOnlyList<ChunkFact> Chunks { get; init; } = [];

    /// <summary>All pages.</summary>
    public IReadOnlyList<PageFact> Pages { get; init; } = [];

    /// <summary>All captions.</summary>
    public IReadOnlyList<TextFact> Captions { get; init; } = [];

    /// <summary>All boxes, counted by page.</summary>
    public IReadOnlyList<BoxesFact> Boxes { get; init; } = [];

    /// <summary>All segments of videos.</summary>
    public IReadOnlyList<SegmentFact> Segments { get; init; } = [];

    /// <summary>All partial summaries.</summary>
    public IReadOnlyList<TextFact> SummaryParts { get; init; } = [];

    /// <summary>All summaries of jobs.</summary>
    public IReadOnlyList<TextFact> Summaries { get; init; } = [];

    /// <summary>All usage.</summary>
    public IReadOnlyList<UsageFact> Usage { get; init; } = [];

    /// <summary>All executions that ended.</summary>
    public IReadOnlyList<AttemptFact> Attempts { get; init; } = [];

    /// <summary>Groups that are still there.</summary>
    public IReadOnlyList<WorkFact> Work { get; init; } = [];

    /// <summary>Keys that were taken.</summary>
    public IReadOnlyList<KeyFact> Keys { get; init; } = [];

    /// <summary>Commands that were refused.</summary>
    public IReadOnlyList<KeyFact> Rejections { get; init; } = [];

    /// <summary>Rows that wait to be sent.</summary>
    public long OutboxRows { get; init; }

    /// <summary>Messages in the dead-letter queue, and those that were taken from it.</summary>
    public long DeadCommands { get; init; }

    /// <summary>Dead letters of chunks.</summary>
    public IReadOnlyList<KeyFact> DeadChunks { get; init; } = [];

    /// <summary>Sessions of workers at the database, after the workers have ended.</summary>
    public long WorkerSessions { get; init; }

    /// <summary>Processes of workers, and those that they started, that live after the workers have ended.</summary>
    public IReadOnlyList<int> LeftProcesses { get; init; } = [];

    /// <summary>Consumers of the queue of commands, after the workers have ended.</summary>
    public long CommandConsumers { get; init; }

    /// <summary>Most memory that a worker was seen with, in MiB.</summary>
    public long ResidentMiB { get; init; }

    /// <summary>Deliveries to the subscriber.</summary>
    public IReadOnlyList<SeenEvent> Events { get; init; } = [];

    /// <summary>Records of all ledgers.</summary>
    public IReadOnlyList<LedgerRecord> Ledger { get; init; } = [];

    /// <summary>Job of a key; null when there is none.</summary>
    public JobFact? Job(ExpectedJob expected) => Jobs.FirstOrDefault(job => job.TenantId == expected.TenantId && job.Key == expected.Key);
}
