using System.Globalization;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Worker.Output;

/// <summary>One spelling of states, tasks and counts for every format.</summary>
internal static class JobWords
{
    /// <summary>A state in lower case, as the database and the events spell it.</summary>
    public static string State(JobState state) => state switch
    {
        JobState.Accepted => "accepted",
        JobState.Splitting => "splitting",
        JobState.Running => "running",
        JobState.Cancelling => "cancelling",
        JobState.Succeeded => "succeeded",
        JobState.Partial => "partial",
        JobState.Failed => "failed",
        JobState.Cancelled => "cancelled",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "state must be a known one"),
    };

    /// <summary>Whether a job has ended.</summary>
    public static bool IsFinal(JobState state) => state is JobState.Succeeded or JobState.Partial or JobState.Failed or JobState.Cancelled;

    /// <summary>The tasks, for example <c>ocr, grounding (red circle, blue star)</c>.</summary>
    public static string Tasks(IReadOnlyList<JobTask> tasks) => string.Join(", ", tasks.Select(Task));

    /// <summary>A task's kind in lower case.</summary>
    public static string TaskKind(JobTaskKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>How far a job is, for example <c>3/8</c>; <c>-</c> before it is planned.</summary>
    public static string Progress(JobRecord job) => job.TotalChunks is int total
        ? string.Create(CultureInfo.InvariantCulture, $"{job.DoneChunks + job.FailedChunks}/{total}")
        : "-";

    private static string Task(JobTask task) =>
        task.Labels.Count == 0 ? TaskKind(task.Kind) : $"{TaskKind(task.Kind)} ({string.Join(", ", task.Labels)})";
}
