using Qwen3VL.Batch.Faults.Control;

namespace Qwen3VL.Batch.Faults.Controls;

/// <summary>Which guard stands against what, which others stand behind it, and which scenario shows it.</summary>
internal static class GuardTable
{
    private static readonly string[] BehindTheChunk = [DatabaseGuard.ResultKeys.Name, DatabaseGuard.CounterChecks.Name];

    private static readonly string[] BehindTheLease = [DatabaseGuard.ChunkCas.Name, .. BehindTheChunk];

    /// <summary>Those that a negative control takes away, then those that none does.</summary>
    public static IReadOnlyList<GuardRow> All { get; } =
    [
        new(Guard.LocalDeadline, "a worker that was away writes under a lease that is over", [DatabaseGuard.LeaseCheck.Name, .. BehindTheLease], "N-local_deadline"),
        new(DatabaseGuard.LeaseCheck.Name, "the same", [Guard.LocalDeadline, .. BehindTheLease], "N-lease_check"),
        new(DatabaseGuard.ChunkCas.Name, "a chunk ends twice", [Guard.LocalDeadline, DatabaseGuard.LeaseCheck.Name, .. BehindTheChunk], "N-chunk_cas"),
        new("the three above", "the same", BehindTheChunk, "N-lease_check-chunk_cas"),
        new(DatabaseGuard.ResultKeys.Name, "a page is stored twice", [DatabaseGuard.CounterChecks.Name, "and all above"], "N-result_keys"),
        new(DatabaseGuard.CounterChecks.Name, "a chunk is counted twice", [DatabaseGuard.ResultKeys.Name, "and all above"], "N-result_keys"),
        new("the five above", "a page is stored twice", [], "N-counter_checks"),
        new(DatabaseGuard.BillableIndex.Name + " and the five above", "a chunk is billed twice", [], "N-billable_index"),
        new(DatabaseGuard.IdempotencyKey.Name, "a command that comes twice makes two jobs", [], "N-idempotency_key"),
        new(DatabaseGuard.RequestHash.Name, "another body under a used key is taken for a repeat", [], "N-request_hash"),
        new(Guard.OutboxInTransaction, "a job ends and nobody is told", [], "N-outbox_in_transaction"),
        new(Guard.ConfirmWait, "an event that the broker never had is forgotten", [], "N-confirm_wait"),
        new(DatabaseGuard.ReplayCas.Name, "a dead letter that two replays have seen open is replayed twice", [], "N-replay_cas"),
        new(DatabaseGuard.CrashEvidence.Name, "a chunk that kills its workers is given to the next one for ever; without it there is no quarantine either", [], "N-crash_evidence"),
        new("mandatory", "a command that no queue takes seems to be sent", [], "N-mandatory"),
        NotControlled(
            "fence of a plan",
            "who planned too slowly commits a second plan",
            "the job's state, the keys of chunks and stages",
            "nothing would be seen: the guards behind it refuse. LedgerModelTests plans under leases that are over"),
        NotControlled(
            "fence of finish and release",
            "who lost a group deletes it or gives it back under the next holder",
            "open chunks keep a group; the next holder's own fence",
            "it would cost a chunk done again, not a result. LedgerModelTests finishes and releases under leases that are over"),
        NotControlled(
            "failure cap",
            "a chunk that always fails is tried for ever",
            "the deadline of a job, where it has one",
            "it is code of a pure function, not a statement: tests of RetryPolicy; F20 and F22-too_large end what always fails"),
        NotControlled(
            "quarantine lane",
            "a chunk that kills its workers takes neighbours with it, and is never given up",
            "suspects run one at a time, after the clean chunks of their group",
            "it stands on crash_evidence, and without either the chunk goes on killing: N-crash_evidence. F21 counts what neighbours lose"),
        NotControlled(
            "cancel tombstone",
            "a job that is cancelled while it is planned runs",
            "the state of the job, which a plan needs",
            "the two stand in one statement. LedgerModelTests and RaceTests cancel against plans, F31 at every moment"),
        NotControlled(
            "lock of the sweep's leader",
            "several sweeps at once",
            "every taking back is decided by its own row",
            "it saves work and no result depends on it. SweepLeaderTests show that one leads, RaceTests sweep against completions"),
    ];

    private static GuardRow NotControlled(string guard, string against, string behind, string why) => new(guard, against, [behind], Scenario: null) { Why = why };
}
