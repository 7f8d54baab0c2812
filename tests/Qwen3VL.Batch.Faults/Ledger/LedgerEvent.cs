namespace Qwen3VL.Batch.Faults.Ledger;

/// <summary>Kinds of records in the ledger files.</summary>
internal static class LedgerEvent
{
    /// <summary>The harness is about to send a command.</summary>
    public const string Submitted = "submitted";

    /// <summary>The broker confirmed a command: from here on it must not be lost.</summary>
    public const string Confirmed = "confirmed";

    /// <summary>A group was claimed; <c>Chunk</c> is its group number. The fence says which claim of it.</summary>
    public const string Claimed = "claimed";

    /// <summary>A chunk is handed to the engine.</summary>
    public const string EngineStarted = "engine-started";

    /// <summary>The engine has answered for a chunk.</summary>
    public const string EngineFinished = "engine-finished";

    /// <summary>The engine dropped a request because it was told to; <c>Key</c> is the hash of its file.</summary>
    public const string EngineAborted = "engine-aborted";

    /// <summary>The database said how the end of a chunk was recorded.</summary>
    public const string Committed = "committed";

    /// <summary>The database refused to record the end of a chunk.</summary>
    public const string WriteFailed = "write-failed";

    /// <summary>The database refused to take a command in.</summary>
    public const string SubmitFailed = "submit-failed";

    /// <summary>A subscriber got an event.</summary>
    public const string EventSeen = "event-seen";

    /// <summary>The harness did something bad.</summary>
    public const string FaultInjected = "fault-injected";

    /// <summary>A worker reached a point that it dies or stops at.</summary>
    public const string PointReached = "point-reached";
}
