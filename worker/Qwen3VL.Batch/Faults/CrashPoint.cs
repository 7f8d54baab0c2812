namespace Qwen3VL.Batch.Faults;

/// <summary>Names of the places inside transactions that <see cref="ICrashPoints"/> is told of.</summary>
internal static class CrashPoint
{
    /// <summary>A job, its planning group and its event are written, not committed.</summary>
    public const string BeforeSubmitCommit = "before_submit_commit";

    /// <summary>A plan is written, not committed.</summary>
    public const string BeforePlanCommit = "before_plan_commit";

    /// <summary>The end of a chunk, its results and its usage are written, not committed.</summary>
    public const string BeforeCommit = "before_commit";

    /// <summary>Dead letters are closed and the job that replays them is written, not committed.</summary>
    public const string BeforeReplayCommit = "before_replay_commit";

    /// <summary>Rows of sent events are deleted, not committed.</summary>
    public const string BeforeOutboxDelete = "before_outbox_delete";
}
