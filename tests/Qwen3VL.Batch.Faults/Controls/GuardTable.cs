using Qwen3VL.Batch.Faults.Control;

namespace Qwen3VL.Batch.Faults.Controls;

/// <summary>Which guard stands against what, which others stand behind it, and which scenario shows it.</summary>
internal static class GuardTable
{
    private static readonly string[] BehindTheChunk = [DatabaseGuard.ResultKeys.Name, DatabaseGuard.CounterChecks.Name];

    private static readonly string[] BehindTheLease = [DatabaseGuard.ChunkCas.Name, .. BehindTheChunk];

    /// <summary>All guards that a negative control takes away.</summary>
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
        new("mandatory", "a command that no queue takes seems to be sent", [], "N-mandatory"),
    ];
}
