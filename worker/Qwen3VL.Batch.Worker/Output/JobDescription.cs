using System.Globalization;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Worker.Output;

/// <summary>One job in words, a line for each thing.</summary>
internal static class JobDescription
{
    /// <summary>Prints what the job is and how far.</summary>
    public static void Write(Terminal terminal, JobRecord job)
    {
        Field(terminal, "job", job.Id.ToString());
        Field(terminal, "key", job.IdempotencyKey);
        Field(terminal, "state", $"{JobWords.State(job.State)} ({JobWords.Progress(job)} chunks, {job.FailedChunks.ToString(CultureInfo.InvariantCulture)} given up)");
        if (job.ReplayOf is { } replayed)
        {
            Field(terminal, "replay of", replayed.ToString());
        }

        Field(terminal, "source", SourceUrl.Display(job.Source.Uri));
        Field(terminal, "tasks", JobWords.Tasks(job.Tasks));
        if (job.Facts is { } facts)
        {
            string amount = facts.PageCount > 0
                ? string.Create(CultureInfo.InvariantCulture, $"{facts.PageCount} {(facts.PageCount == 1 ? "page" : "pages")}")
                : $"{Timecode.Seconds(facts.DurationMs)} s";
            Field(terminal, "file", string.Create(
                CultureInfo.InvariantCulture,
                $"{facts.MediaType}, {amount}, {facts.SizeBytes} bytes, SHA-256 {facts.Sha256}"));
        }

        Field(terminal, "created", job.CreatedAt.ToString("u", CultureInfo.InvariantCulture));
        if (job.FinishedAt is { } finished)
        {
            Field(terminal, "finished", $"{finished.ToString("u", CultureInfo.InvariantCulture)} ({Timecode.Duration(finished - job.CreatedAt)})");
        }

        if (job.Error is { } error)
        {
            Field(terminal, "error", $"{error.Code}: {error.Message}");
        }
    }

    /// <summary>Prints how its work stands.</summary>
    public static void Write(Terminal terminal, JobDetails details)
    {
        ChunkCounts chunks = details.Chunks;
        UsageRow usage = details.Usage;
        CultureInfo invariant = CultureInfo.InvariantCulture;
        Field(terminal, "chunks", string.Create(invariant, $"{chunks.Open} open, {chunks.Succeeded} succeeded, {chunks.Failed} given up, {chunks.Cancelled} cancelled"));
        Field(terminal, "retries", string.Create(
            invariant,
            $"{chunks.Retries} starts again, {chunks.Failures} failures, {chunks.LostStarts} lost starts, {chunks.Degraded} made smaller"));
        Field(terminal, "dead", string.Create(invariant, $"{details.OpenDeadLetters} open dead letters of {details.DeadLetters}"));
        Field(terminal, "usage", string.Create(
            invariant,
            $"{usage.PromptTokens} prompt tokens ({usage.CachedTokens} cached, {usage.ImageTokens} image), {usage.OutputTokens} output, {usage.EngineMicroseconds / 1e6:0.0} s engine, {usage.WastedShare:P0} in vain"));
        Field(terminal, "cost", usage.Currency is { } currency ? $"{Money(usage.CostNano)} {currency}" : Money(usage.CostNano));
        foreach (GroupRow group in details.Groups)
        {
            string holder = group.WorkerId is { } worker ? string.Create(invariant, $" by worker {worker}") : "";
            string left = group.SecondsLeft is { } seconds ? string.Create(invariant, $" for {seconds:0} s") : "";
            Field(terminal, "group", string.Create(
                invariant,
                $"{group.GroupNo} {Lanes.Name(group.Lane)}, chunks {group.FirstChunk}..{group.LastChunk}: {group.State}{holder}{left}, {group.Fence} claims, {group.LostCount} lost"));
        }
    }

    /// <summary>An amount of nano units of the price lists' currency.</summary>
    public static string Money(long nano) => (nano / 1e9m).ToString("0.000000", CultureInfo.InvariantCulture);

    private static void Field(Terminal terminal, string name, string value) => terminal.Line($"{name,-9} {value}");
}
