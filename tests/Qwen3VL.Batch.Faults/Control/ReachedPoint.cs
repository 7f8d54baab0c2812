namespace Qwen3VL.Batch.Faults.Control;

/// <summary>Places that a FaultWorker can die or stop at, beside those inside transactions (<see cref="CrashPoint"/>): between two ledger calls.</summary>
internal static class ReachedPoint
{
    /// <summary>Groups are leased; nothing of them is begun.</summary>
    public const string AfterClaim = "after_claim";

    /// <summary>The start of a chunk is counted; the engine has not seen it.</summary>
    public const string AfterStarts = "after_starts";

    /// <summary>A chunk's answers are there; nothing is stored.</summary>
    public const string AfterEngine = "after_engine";

    /// <summary>A chunk's end is committed; the worker has not gone on.</summary>
    public const string AfterCommit = "after_commit";

    /// <summary>All chunks of a group have ended; the group is still there.</summary>
    public const string BeforeDeleteGroup = "before_delete_group";

    /// <summary>Events are taken from the outbox; none is sent.</summary>
    public const string BeforeSend = "before_send";

    /// <summary>The broker confirmed events; their rows are still there.</summary>
    public const string AfterSend = "after_send";

    /// <summary>Every point, in the order in which a job meets them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        CrashPoint.BeforeSubmitCommit, AfterClaim, CrashPoint.BeforePlanCommit, AfterStarts, AfterEngine, CrashPoint.BeforeCommit, AfterCommit,
        BeforeDeleteGroup, BeforeSend, AfterSend, CrashPoint.BeforeOutboxDelete,
    ];
}
