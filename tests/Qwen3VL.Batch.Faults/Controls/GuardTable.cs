using Qwen3VL.Batch.Faults.Control;

namespace Qwen3VL.Batch.Faults.Controls;

/// <summary>Which guard stands against what, which others stand behind it, and which scenario shows it.</summary>
internal static class GuardTable
{
    /// <summary>All guards that a negative control takes away.</summary>
    public static IReadOnlyList<GuardRow> All { get; } =
    [
        new(Guard.LocalDeadline, "a worker that was away writes under a lease that is over", [DatabaseGuard.LeaseCheck.Name, DatabaseGuard.ChunkCas.Name], "N-local_deadline"),
        new(DatabaseGuard.LeaseCheck.Name, "the same", [Guard.LocalDeadline, DatabaseGuard.ChunkCas.Name], "N-lease_check"),
        new(DatabaseGuard.ChunkCas.Name, "the same", [Guard.LocalDeadline, DatabaseGuard.LeaseCheck.Name], "N-chunk_cas"),
        new(DatabaseGuard.LeaseCheck.Name + " and " + DatabaseGuard.ChunkCas.Name, "an ended chunk is changed", [], "N-lease_check-chunk_cas"),
        new(DatabaseGuard.CounterChecks.Name, "an ended chunk is counted again", [DatabaseGuard.ResultKeys.Name], "N-lease_check-chunk_cas"),
        new(DatabaseGuard.ResultKeys.Name, "a page is stored twice", [DatabaseGuard.CounterChecks.Name], "N-result_keys"),
        new(DatabaseGuard.BillableIndex.Name, "a chunk is billed twice", [DatabaseGuard.CounterChecks.Name, DatabaseGuard.ResultKeys.Name], "N-billable_index"),
        new(DatabaseGuard.IdempotencyKey.Name, "a command that comes twice makes two jobs", [], "N-idempotency_key"),
        new(DatabaseGuard.RequestHash.Name, "another body under a used key is taken for a repeat", [], "N-request_hash"),
        new(Guard.OutboxInTransaction, "a job ends and nobody is told", [], "N-outbox_in_transaction"),
        new(Guard.ConfirmWait, "an event that the broker never had is forgotten", [], "N-confirm_wait"),
        new("mandatory", "a command that no queue takes seems to be sent", [], "N-mandatory"),
    ];
}
