using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Tests.Fakes;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Pipeline.Executors;

public sealed class WindowExecutorTests
{
    private static readonly PlannedChunk SecondWindow = new(1, ChunkKind.Window, 0, 7_000, 17_000);
    private static readonly JobTask Events = JobRecords.Ask(JobTaskKind.Events);
    private static readonly JobTask Caption = JobRecords.Ask(JobTaskKind.Caption);
    private static readonly JobTask Summary = JobRecords.Ask(JobTaskKind.Summary);

    [Fact]
    public async Task ExecuteAsync_Events_AreAskedInTheWindowsTimeAndStoredInTheVideos()
    {
        var harness = new ExecutorHarness(_ => """[{"start": 0.2, "end": 2.2, "description": "A red star stays still."}]""");

        ChunkResult result = await harness.RunAsync(Job(Events), SecondWindow);

        ExecutorHarness.Clip(harness.Engine.Requests[0]).TimesSeconds.Take(4).ShouldBe([0, 0.5, 1, 1.5]);
        result.Segments.ShouldBe([new SegmentResult(SegmentKind.WindowEvent, 0, 7_000, 10_000, "A red star stays still.", Adjusted: false)]);
        result.Issues.ShouldBeEmpty();
        harness.Decoder.LastWindowRequest.ShouldBe(new(7_000, 17_000, 2, 4, 24));
    }

    [Fact]
    public async Task ExecuteAsync_Caption_IsOfTheWholeWindowAndSummaryOfItsCore()
    {
        var harness = new ExecutorHarness(_ => "The video shows a red star.");

        ChunkResult result = await harness.RunAsync(Job(Caption, Summary), SecondWindow);

        harness.Engine.Requests.Select(request => ExecutorHarness.Clip(request).Frames.Count).ShouldBe([20, 14]);
        result.Segments.ShouldBe([new SegmentResult(SegmentKind.Window, 0, 7_000, 17_000, "The video shows a red star.", Adjusted: false)]);
        result.SummaryParts.ShouldBe([new SummaryPart(0, 1, "The video shows a red star.")]);
    }

    [Fact]
    public async Task ExecuteAsync_LastWindow_TellsCaptionAndSummaryInOneAnswer()
    {
        var harness = new ExecutorHarness(_ => "The video shows a red star.");

        ChunkResult result = await harness.RunAsync(Job(Caption, Summary), new PlannedChunk(2, ChunkKind.Window, 0, 14_000, 24_000));

        harness.Engine.Requests.ShouldHaveSingleItem();
        result.SummaryParts.ShouldBe([new SummaryPart(0, 2, "The video shows a red star.")]);
    }

    [Fact]
    public async Task ExecuteAsync_UnreadableEventsBesideACaption_AreAnIssueAtTheWindowsStart()
    {
        var harness = new ExecutorHarness(_ => "The video shows a red star.");

        ChunkResult result = await harness.RunAsync(Job(Events, Caption), SecondWindow);

        result.Segments.ShouldHaveSingleItem().Kind.ShouldBe(SegmentKind.Window);
        result.Issues.ShouldHaveSingleItem().Unit.ShouldBe(7_000);
    }

    private static JobRecord Job(params JobTask[] tasks) =>
        JobRecords.Video(null, tasks) with { Facts = new SourceFacts("", 1, "video/mp4", 0, 24_000) };
}
