using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Engine;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Pipeline;

/// <content>Chunks that are tried again, and suspects.</content>
public sealed partial class GroupRunnerTests
{
    [Fact]
    public async Task Run_ContentFails_IsDueAgainAfterAJitteredPauseAndTheGroupGoesOn()
    {
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(2);
        _pipeline.Work.Execute = (context, _) =>
        {
            context.Meter.Add(ChunkUsage.None with { Requests = 1, OutputTokens = 9 });
            return context.Chunk.ChunkNo == 0 ? throw new ContentException(ErrorCodes.OutputUnreadable, "answer must be readable") : Task.FromResult(new ChunkResult());
        };

        await RunAsync();

        var retried = _pipeline.Ledger.Retries.ShouldHaveSingleItem();
        retried.ChunkNo.ShouldBe(0);
        retried.Retry.CountsFailure.ShouldBeTrue();
        retried.Retry.Degrades.ShouldBeFalse();
        retried.Retry.Delay.ShouldBeInRange(TimeSpan.Zero, TimeSpan.FromSeconds(1));
        retried.Evidence.Usage.OutputTokens.ShouldBe(9);
        Calls.ShouldContain("complete 1");
        Calls[^1].ShouldBe("release 1");
    }

    [Fact]
    public async Task Run_EngineFindsTheRequestTooLarge_TriesAgainSmallerWithoutCountingAFailure()
    {
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(1);
        _pipeline.Work.Execute = (_, _) => throw new InvalidRequestException("prompt must be at most 10 tokens; got 11") { IsTooLarge = true };

        await RunAsync();

        var retried = _pipeline.Ledger.Retries.ShouldHaveSingleItem();
        retried.Retry.Degrades.ShouldBeTrue();
        retried.Retry.CountsFailure.ShouldBeFalse();
    }

    [Fact]
    public async Task Run_ChunkIsNotDue_IsLeftForLater()
    {
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(2);
        _pipeline.Ledger.Open = chunk => new OpenChunk(chunk, ChunkHistory.None, IsDue: chunk.ChunkNo == 1);

        await RunAsync();

        Calls.ShouldBe(["start 1", "complete 1", "release 1"]);
    }

    [Fact]
    public async Task Run_Suspects_RunAfterTheCleanOnesOneByOne()
    {
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(6);
        _pipeline.Ledger.Open = chunk => new OpenChunk(chunk, ChunkHistory.None with { LostStarts = chunk.ChunkNo < 3 ? 1 : 0 });

        await RunAsync();

        string[] starts = [.. Calls.Where(call => call.StartsWith("start", StringComparison.Ordinal))];
        starts[..3].ShouldBe(["start 3", "start 4", "start 5"], ignoreOrder: true);
        Calls[^7..].ShouldBe(["start 0", "complete 0", "start 1", "complete 1", "start 2", "complete 2", "finish 1"]);
    }

    [Fact]
    public async Task Run_SuspectsOfTwoGroups_OneAtATimeInTheProcess()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(1);
        _pipeline.Ledger.Open = chunk => new OpenChunk(chunk, ChunkHistory.None with { LostStarts = 1 });
        _pipeline.Work.Execute = async (_, _) =>
        {
            await goOn.Task;
            return new ChunkResult();
        };

        Task first = RunAsync(1);
        Task second = RunAsync(2);
        await _pipeline.SeeAsync("start 0");
        int startedTogether = Calls.Count(call => call == "start 0");
        goOn.SetResult();
        await Task.WhenAll(first, second).WaitAsync(PipelineFixture.Patience);

        startedTogether.ShouldBe(1);
        _pipeline.Work.MostRunning.ShouldBe(1);
    }

    [Fact]
    public async Task Run_ChunkTakesTooLong_IsStoppedAndCountsAsItsFailure()
    {
        TaskCompletionSource began = Block(1);
        Task run = RunAsync();
        await began.Task.WaitAsync(PipelineFixture.Patience);

        for (double elapsed = 0; elapsed < _pipeline.Options.ChunkTimeoutSeconds; elapsed += 10)
        {
            _pipeline.Time.Advance(TimeSpan.FromSeconds(10));
            await _pipeline.Keeper.BeatAsync(7, default);
        }

        await run.WaitAsync(PipelineFixture.Patience);

        Calls.ShouldContain("retry 0 chunk_timeout");
    }
}
