namespace Qwen3VL.Batch.Faults.Control;

/// <summary>Protections that a negative control takes away, to see that the checker notices.</summary>
internal static class Guard
{
    /// <summary>The outbox keeps an event until the broker has confirmed it: without, rows are deleted before they are sent.</summary>
    public const string ConfirmWait = "confirm_wait";

    /// <summary>A job's final event is written in the transaction that ends the job: without, in one of its own after it.</summary>
    public const string OutboxInTransaction = "outbox_in_transaction";

    /// <summary>A worker believes in its lease for 0.8 of its time only: without, for ever.</summary>
    public const string LocalDeadline = "local_deadline";
}
