using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Tests.Fakes;
using Qwen3VL.TestKit.Fakes;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Pipeline.Executors;

public sealed class ReduceExecutorTests
{
    private static readonly PlannedChunk Reduction = new(9, ChunkKind.Reduce, 2, 4, 7);
    private static readonly JobRecord Job = JobRecords.Video(null, JobRecords.Ask(JobTaskKind.Summary)) with { TotalChunks = 12 };

    [Fact]
    public async Task ExecuteAsync_SeveralParts_AreSummarisedTogether()
    {
        var harness = new ExecutorHarness(_ => "All of it.");

        ChunkResult result = await harness.RunAsync(Job, Reduction, [new SummaryPart(1, 4, "One."), new SummaryPart(1, 6, "Two.")]);

        FakeInferenceEngine.Prompt(harness.Engine.Requests.ShouldHaveSingleItem()).ShouldBe(Prompts.Reduce("video", ["One.", "Two."]));
        result.SummaryParts.ShouldBe([new SummaryPart(2, 4, "All of it.")]);
        result.JobSummary.ShouldBeNull();
    }

    [Fact]
    public async Task ExecuteAsync_OnePart_IsPassedOnWithoutTheModel()
    {
        var harness = new ExecutorHarness(_ => "never asked");

        ChunkResult result = await harness.RunAsync(Job with { TotalChunks = 10 }, Reduction, [new SummaryPart(1, 4, "One.")]);

        harness.Engine.Requests.ShouldBeEmpty();
        result.JobSummary.ShouldBe("One.");
    }

    [Theory]
    [InlineData(9, "One.")]
    [InlineData(11, null)]
    public async Task ExecuteAsync_InAFollowUp_TheLastChunkOfItsPlanWritesTheSummary(int lastChunkNo, string? summary)
    {
        var harness = new ExecutorHarness(_ => "never asked");

        ChunkResult result = await harness.RunAsync(Job with { TotalChunks = 10, LastChunkNo = lastChunkNo }, Reduction, [new SummaryPart(1, 4, "One.")]);

        result.JobSummary.ShouldBe(summary);
    }

    [Fact]
    public async Task ExecuteAsync_NoPartLeft_FailsTheChunk()
    {
        var harness = new ExecutorHarness(_ => "never asked");

        (await Should.ThrowAsync<ContentException>(() => harness.RunAsync(Job, Reduction))).Code.ShouldBe(ErrorCodes.ChunksFailed);
    }

    [Fact]
    public async Task ExecuteAsync_Merge_JoinsTheWindowsEventsWithoutTheModel()
    {
        var harness = new ExecutorHarness(_ => "never asked");
        var merge = new PlannedChunk(3, ChunkKind.Merge, 1, 0, 1);

        ChunkResult result = await harness.RunAsync(
            Job,
            merge,
            events: [new SegmentResult(SegmentKind.WindowEvent, 0, 0, 5, "a", Adjusted: false), new SegmentResult(SegmentKind.WindowEvent, 0, 4, 9, "a", Adjusted: false)]);

        result.Segments.ShouldBe([new SegmentResult(SegmentKind.Event, 0, 0, 9, "a", Adjusted: false)]);
    }
}
