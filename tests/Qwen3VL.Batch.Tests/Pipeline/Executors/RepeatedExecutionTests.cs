using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Tests.Fakes;
using Qwen3VL.Engine;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Pipeline.Executors;

/// <summary>What an execution does differently because of those before it.</summary>
public sealed class RepeatedExecutionTests
{
    private static readonly PlannedChunk TwoPages = new(0, ChunkKind.Pages, 0, 4, 5);
    private static readonly PlannedChunk Window = new(1, ChunkKind.Window, 0, 7_000, 17_000);
    private static readonly JobTask Ocr = JobRecords.Ask(JobTaskKind.Ocr);

    [Fact]
    public async Task Pages_WhenDegraded_AreReadSmallerAndSaySo()
    {
        var harness = new ExecutorHarness(_ => "text");

        ChunkResult result = await harness.RunAsync(JobRecords.Document(new JobOptions(), Ocr), TwoPages, history: ChunkHistory.None with { Degradation = 1 });

        harness.Decoder.LastPageRequest.ShouldNotBeNull().MaxPixels.ShouldBe(81_920);
        harness.Engine.Requests.ShouldAllBe(request => request.ImageBounds == new ImageBounds(4_096, 40_000, 32));
        result.Issues.Select(issue => (issue.Unit, issue.Code)).ShouldBe([(4, ErrorCodes.Degraded), (5, ErrorCodes.Degraded)]);
    }

    [Theory]
    [InlineData(0, 40_000)]
    [InlineData(1, 20_000)]
    [InlineData(2, 10_000)]
    [InlineData(3, 5_000)]
    [InlineData(4, 4_096)]
    public async Task Pages_LargerThanTheirBound_AreHalvedOnceAStep(int steps, int maxPixels)
    {
        var harness = new ExecutorHarness(_ => "text");

        await harness.RunAsync(
            JobRecords.Document(new JobOptions { MaxPixels = 40_000 }, Ocr), TwoPages, history: ChunkHistory.None with { Degradation = steps });

        // The page is 282 x 141 under its bound: a little below the half each time.
        harness.Engine.Requests.Select(request => request.ImageBounds.ShouldNotBeNull().MaxPixels)
            .ShouldAllBe(pixels => pixels <= maxPixels && pixels > maxPixels - 300);
        harness.Decoder.LastPageRequest.ShouldNotBeNull().MaxPixels.ShouldBe(Math.Max(4_096, 40_000 >> steps));
    }

    [Fact]
    public async Task Window_AtTheFewestFrames_IsSmallerAtEachStep()
    {
        // 5 s at one frame a second: 4 frames are left at the first step and at each after it.
        JobRecord job = JobRecords.Video(new JobOptions { FramesPerSecond = 1 }, JobRecords.Ask(JobTaskKind.Caption));
        var harness = new ExecutorHarness(_ => "The video shows a red star.");

        for (int steps = 0; steps <= MediaReduction.MaxSteps; steps++)
        {
            await harness.RunAsync(job, new PlannedChunk(0, ChunkKind.Window, 0, 0, 5_000), history: ChunkHistory.None with { Degradation = steps });
        }

        harness.Engine.Requests.Select(request => (ExecutorHarness.Clip(request).Frames.Count, request.VideoBounds?.MaxPixels))
            .ShouldBe([(5, 368_640), (4, 40_960), (4, 20_480), (4, 10_240), (4, 5_120)]);
    }

    [Fact]
    public async Task Window_WhenDegraded_HasFewerFramesAndSaysSo()
    {
        var harness = new ExecutorHarness(_ => "The video shows a red star.");

        ChunkResult result = await harness.RunAsync(
            JobRecords.Video(new JobOptions(), JobRecords.Ask(JobTaskKind.Caption)), Window, history: ChunkHistory.None with { Degradation = 1 });

        harness.Decoder.LastWindowRequest.ShouldBe(new(7_000, 17_000, 1, 4, 12) { Unreduced = new(7_000, 17_000, 2, 4, 24) });
        ExecutorHarness.Clip(harness.Engine.Requests[0]).Frames.Count.ShouldBe(10);
        result.Issues.Select(issue => (issue.Unit, issue.Code)).ShouldBe([(7_000, ErrorCodes.Degraded)]);
    }

    [Fact]
    public async Task Pages_AfterAnUnreadableAnswer_AreAskedWithOtherNumbersAndSaySo()
    {
        JobRecord job = JobRecords.Document(new JobOptions(), Ocr);
        var harness = new ExecutorHarness(_ => "text");

        await harness.RunAsync(job, TwoPages);
        ChunkResult result = await harness.RunAsync(job, TwoPages, history: After(ErrorCodes.OutputUnreadable, 1));
        await harness.RunAsync(job, TwoPages, history: After(ErrorCodes.OutputUnreadable, 2));

        SamplingParameters[] asked = [.. harness.Engine.Requests.Where((_, index) => index % 2 == 0).Select(request => request.Sampling)];
        asked.Select(sampling => sampling.Temperature).ShouldBe([0, 0.2, 0.5]);
        asked.Select(sampling => sampling.Seed).ShouldBeUnique();
        result.Issues.Select(issue => (issue.Unit, issue.Code)).ShouldBe([(4, ErrorCodes.Resampled), (5, ErrorCodes.Resampled)]);
        result.Issues[0].Message.ShouldContain("temperature 0.2");
    }

    [Fact]
    public async Task Pages_AfterAFailureThatWasNotTheAnswers_AreAskedAsBefore()
    {
        JobRecord job = JobRecords.Document(new JobOptions(), Ocr);
        var harness = new ExecutorHarness(_ => "text");

        await harness.RunAsync(job, TwoPages);
        ChunkResult result = await harness.RunAsync(job, TwoPages, history: After(ErrorCodes.DecodeFailed, 1));

        harness.Engine.Requests[2].Sampling.ShouldBe(harness.Engine.Requests[0].Sampling);
        result.Issues.ShouldBeEmpty();
    }

    [Fact]
    public async Task Pages_JobFixesTheTemperature_KeepsItAtEveryTry()
    {
        var harness = new ExecutorHarness(_ => "text");

        await harness.RunAsync(JobRecords.Document(new JobOptions { Temperature = 0.1 }, Ocr), TwoPages, history: After(ErrorCodes.OutputUnreadable, 1));

        harness.Engine.Requests[0].Sampling.Temperature.ShouldBe(0.1);
    }

    [Fact]
    public async Task Chunk_ThatFails_HasItsCostOnTheMeter()
    {
        var harness = new ExecutorHarness(_ => "no boxes");

        ContentException failure = await Should.ThrowAsync<ContentException>(
            harness.RunAsync(JobRecords.Document(new JobOptions(), JobRecords.Ask(JobTaskKind.Spotting)), TwoPages));

        FailureClassifier.Classify(failure, ChunkUsage.None).Evidence.Usage.Requests.ShouldBe(2);
    }

    private static ChunkHistory After(string code, int failures) => ChunkHistory.None with { Failures = failures, LastCode = code };
}
