using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Worker.Commands;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Submission;

/// <summary>A job somebody waits for, as far as it is known.</summary>
/// <param name="Command">What was sent.</param>
/// <param name="Record">As it stands in the database; null while the command is on its way.</param>
/// <param name="Rejection">Why the command was refused.</param>
internal sealed record WaitedJob(SubmitJob Command, JobRecord? Record, JobError? Rejection)
{
    /// <summary>Its idempotency key.</summary>
    public string Key => Command.IdempotencyKey;

    /// <summary>Its source, for people.</summary>
    public string Source => SourceUrl.Display(Command.Source.Uri);

    /// <summary>Whether nothing more will come.</summary>
    public bool IsFinished => Rejection is not null || (Record is { } record && JobWords.IsFinal(record.State));

    /// <summary>Whether it had ended when it was looked at for the first time.</summary>
    public bool WasFoundFinished { get; init; }

    /// <summary>
    /// Whether it had ended before it was sent: the key was known, and nothing was done now. Times alone would not tell: they are of two clocks.
    /// </summary>
    public bool WasDoneBefore => WasFoundFinished && Rejection is null && Record?.FinishedAt is { } finished && finished < Command.OccurredAt;

    /// <summary>Where it stands, in one word.</summary>
    public string State => Rejection is not null ? "rejected" : Record is { } record ? JobWords.State(record.State) : "sent";

    /// <summary>Share of chunks that have ended, 0..1.</summary>
    public double Share => IsFinished ? 1 : Record is { TotalChunks: > 0 and int total } record ? (double)(record.DoneChunks + record.FailedChunks) / total : 0;

    /// <summary>What it makes of the process's exit code.</summary>
    public int ExitCode => Rejection is not null ? ExitCodes.Failed : Record?.State switch
    {
        JobState.Succeeded => ExitCodes.Done,
        JobState.Partial => ExitCodes.Partial,
        _ => ExitCodes.Failed,
    };

    /// <summary>The exit code of several jobs: any failure outweighs any partial one.</summary>
    public static int ExitCodeOf(IEnumerable<WaitedJob> jobs)
    {
        int[] codes = [.. jobs.Select(job => job.ExitCode)];
        return codes.Contains(ExitCodes.Failed) ? ExitCodes.Failed : codes.Contains(ExitCodes.Partial) ? ExitCodes.Partial : ExitCodes.Done;
    }
}
