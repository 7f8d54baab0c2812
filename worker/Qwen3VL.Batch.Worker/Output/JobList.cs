using System.Globalization;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;

namespace Qwen3VL.Batch.Worker.Output;

/// <summary>Lists of jobs, the same for every command that prints one.</summary>
internal static class JobList
{
    /// <summary>Prints the jobs.</summary>
    /// <param name="terminal">Where.</param>
    /// <param name="format">In which form.</param>
    /// <param name="jobs">In order.</param>
    /// <param name="now">For their age.</param>
    public static void Write(Terminal terminal, ListFormat format, IReadOnlyList<JobRecord> jobs, DateTimeOffset now) =>
        ListOutput.Write(terminal, format, jobs, Columns(now), job => job);

    private static ListColumn<JobRecord>[] Columns(DateTimeOffset now) =>
    [
        new("job", job => job.Id.ToString()),
        new("key", job => job.IdempotencyKey),
        new("state", job => JobWords.State(job.State)),
        new("chunks", JobWords.Progress),
        new("failed", job => job.FailedChunks.ToString(CultureInfo.InvariantCulture)),
        new("age", job => Timecode.Duration(Positive(now - job.CreatedAt))),
        new("duration", job => job.FinishedAt is { } finished ? Timecode.Duration(finished - job.CreatedAt) : "-"),
        new("source", job => SourceUrl.Display(job.Source.Uri)),
        new("error", job => job.Error?.Code ?? ""),
    ];

    // Clocks of this machine and the database may differ a little.
    private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;
}
