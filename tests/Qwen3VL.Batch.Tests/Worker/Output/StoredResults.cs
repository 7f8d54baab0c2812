using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Tests.Fakes;

namespace Qwen3VL.Batch.Tests.Worker.Output;

/// <summary>Results as the database holds them, with text that a report must not take for markup.</summary>
internal static class StoredResults
{
    public const string HostileText = "<script>alert(1)</script> | *x* `y` \u001b[31mred\u001b[0m";

    public static JobResults Document { get; } = new(
        JobRecords.Document(null, JobRecords.Ask(JobTaskKind.Ocr), JobRecords.Ask(JobTaskKind.Grounding, "red circle")) with
        {
            State = JobState.Partial,
            Error = new JobError("chunks_failed", "1 of 2 chunks was given up"),
            Facts = new SourceFacts(new string('a', 64), 10, "application/pdf", 2, 0),
        },
        [new PageResult(1, 400, 200, 0, 300, 150, "First line\n" + HostileText, false, new string('b', 64))],
        [new CaptionResult(1, "A caption. " + HostileText)],
        [new BoxResult(1, JobTaskKind.Grounding, 0, HostileText, new BoxEdges(100, 100, 500, 500), new BoxEdges(40, 20, 200, 100), Adjusted: true)],
        [],
        [],
        "A summary. " + HostileText,
        [new ParseIssue(1, JobTaskKind.Grounding, "output_unreadable", "answer must be a list", "raw secret answer")],
        [new FailedChunk(new PlannedChunk(1, ChunkKind.Pages, 0, 2, 2), new JobError("decode_failed", "page must be readable"))],
        new ChunkUsage(2, 1_234, 500, 700, 56, 1_500_000));

    public static JobResults Video { get; } = new(
        JobRecords.Video(null, JobRecords.Ask(JobTaskKind.Events)) with
        {
            State = JobState.Succeeded,
            Facts = new SourceFacts(new string('a', 64), 10, "video/mp4", 0, 20_000),
        },
        [],
        [],
        [],
        [
            new SegmentResult(SegmentKind.Window, 0, 0, 10_000, "A window.", false),
            new SegmentResult(SegmentKind.Event, 0, 1_500, 4_000, "An event. " + HostileText, false),
        ],
        [],
        null,
        [],
        [],
        new ChunkUsage(1, 100, 0, 80, 20, 250_000));
}
