namespace Qwen3VL.Batch.Faults.Control;

/// <summary>
/// Protections of the worker's own code that a FaultWorker can go without (<see cref="FaultVariables.WithoutGuards"/>). Those in statements and in
/// the database are taken away from outside: <see cref="Controls.DatabaseGuard"/>.
/// </summary>
internal static class Guard
{
    /// <summary>The outbox keeps an event until the broker has confirmed it: without, rows are deleted before they are sent.</summary>
    public const string ConfirmWait = "confirm_wait";

    /// <summary>
    /// A final event is written in the transaction that ends the job: without, in one of its own after it. Needs the table of
    /// <see cref="Controls.DatabaseGuard.OutboxInTransaction"/>.
    /// </summary>
    public const string OutboxInTransaction = "outbox_in_transaction";

    /// <summary>
    /// What a worker does under a lease stops when its own clock or a heartbeat says that the lease is over: without, it writes its results
    /// whatever became of the lease.
    /// </summary>
    public const string LocalDeadline = "local_deadline";
}
