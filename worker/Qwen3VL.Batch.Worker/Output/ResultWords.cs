using System.Globalization;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;

namespace Qwen3VL.Batch.Worker.Output;

/// <summary>One spelling of boxes, chunks, usage and parse issues for every format.</summary>
internal static class ResultWords
{
    /// <summary>A box in whole pixels: left, top, right, bottom.</summary>
    public static string Pixels(BoxEdges box) =>
        string.Create(CultureInfo.InvariantCulture, $"[{box.X0,4:0} {box.Y0,4:0} {box.X1,4:0} {box.Y1,4:0}]");

    /// <summary>What a chunk covers, for example <c>pages 3-4</c> or <c>10.0 s .. 20.0 s</c>.</summary>
    public static string Chunk(PlannedChunk chunk) => chunk.Kind switch
    {
        ChunkKind.Pages when chunk.FirstUnit == chunk.LastUnit => string.Create(CultureInfo.InvariantCulture, $"page {chunk.FirstUnit}"),
        ChunkKind.Pages => string.Create(CultureInfo.InvariantCulture, $"pages {chunk.FirstUnit}-{chunk.LastUnit}"),
        ChunkKind.Window => $"{Timecode.Seconds(chunk.FirstUnit)} s .. {Timecode.Seconds(chunk.LastUnit)} s",
        ChunkKind.Merge => "joining of events",
        ChunkKind.Reduce => "summary of parts",
        _ => throw new ArgumentOutOfRangeException(nameof(chunk), chunk.Kind, "chunk kind must be a known one"),
    };

    /// <summary>Where an answer was not readable, and why; the answer itself stays in the database.</summary>
    public static string Issue(JobKind kind, ParseIssue issue)
    {
        string unit = kind == JobKind.Video ? $"at {Timecode.Seconds(issue.Unit)} s" : string.Create(
            CultureInfo.InvariantCulture,
            $"page {issue.Unit}");
        return $"{unit}, {JobWords.TaskKind(issue.Task)}: {issue.Code}: {issue.Message}";
    }

    /// <summary>Number of requests, for example <c>1 request</c>.</summary>
    public static string Requests(ChunkUsage usage) =>
        string.Create(CultureInfo.InvariantCulture, $"{usage.Requests} {(usage.Requests == 1 ? "request" : "requests")}");

    /// <summary>Tokens and time on one line.</summary>
    public static string Usage(ChunkUsage usage) => string.Create(
        CultureInfo.InvariantCulture,
        $"Tokens: {usage.PromptTokens} prompt ({usage.CachedTokens} cached, {usage.ImageTokens} image), {usage.OutputTokens} output; {Requests(usage)}, {Timecode.Duration(TimeSpan.FromMicroseconds(usage.EngineMicroseconds))} engine time");
}
