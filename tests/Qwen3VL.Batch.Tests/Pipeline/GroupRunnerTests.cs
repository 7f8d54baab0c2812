using Npgsql;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media.Processes;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Engine;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Pipeline;

public sealed partial class GroupRunnerTests : IDisposable
{
    private readonly PipelineFixture _pipeline = new();

    // Without the calls that only read.
    private string[] Calls => [.. _pipeline.Ledger.Calls.Where(call => call != "open")];

    [Fact]
    public async Task Run_AllChunksGood_CompletesEachOnceAndFinishes()
    {
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(5);

        await RunAsync();

        Calls.Count(call => call.StartsWith("complete", StringComparison.Ordinal)).ShouldBe(5);
        Calls.Distinct().Count().ShouldBe(Calls.Length);
        Calls[^1].ShouldBe("finish 1");
        _pipeline.Work.AskedSha256.ShouldBe("aa");
        _pipeline.Keeper.HeldCount.ShouldBe(0);
    }

    [Fact]
    public async Task Run_ManyChunks_RunsAtMostSoManyAtOnce()
    {
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(20);
        _pipeline.Work.Execute = async (_, _) =>
        {
            await Task.Yield();
            return new ChunkResult();
        };

        await RunAsync();

        _pipeline.Work.MostRunning.ShouldBeInRange(1, _pipeline.Options.ChunksAtOnce);
    }

    [Fact]
    public async Task Run_ContentFailsForTheLastTime_GivesThatChunkUpWithCodeAndEvidence()
    {
        Fail(RetryPolicy.MaxFailures - 1);
        var evidence = new ChunkResult { Usage = ChunkUsage.None with { Requests = 1, OutputTokens = 9 } };
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(3);
        _pipeline.Work.Execute = (context, _) => context.Chunk.ChunkNo == 1
            ? throw new ContentException(ErrorCodes.DecodeFailed, "page must decode; got noise") { Evidence = evidence }
            : Task.FromResult(new ChunkResult());

        await RunAsync();

        var failure = _pipeline.Ledger.Failures.ShouldHaveSingleItem();
        failure.ChunkNo.ShouldBe(1);
        failure.Error.Code.ShouldBe(ErrorCodes.DecodeFailed);
        failure.Evidence.Usage.ShouldBe(evidence.Usage);
        Calls.ShouldContain("complete 0");
        Calls.ShouldContain("complete 2");
        Calls[^1].ShouldBe("finish 1");
    }

    [Fact]
    public async Task Run_UnexpectedErrorForTheLastTime_IsInternalWithoutItsText()
    {
        Fail(RetryPolicy.MaxFailures - 1);
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(2);
        _pipeline.Work.Execute = (context, _) => context.Chunk.ChunkNo == 0 ? throw new InvalidOperationException("SECRET TEXT") : Task.FromResult(new ChunkResult());

        await RunAsync();

        var failure = _pipeline.Ledger.Failures.ShouldHaveSingleItem();
        failure.Error.Code.ShouldBe(ErrorCodes.Internal);
        failure.Error.Message.ShouldNotContain("SECRET");
        Calls.ShouldContain("complete 1");
    }

    [Fact]
    public async Task Run_EngineRefusesTheRequest_GivesTheChunkUp()
    {
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(1);
        _pipeline.Work.Execute = (_, _) => throw new InvalidRequestException("prompt must be at most 10 tokens; got 11");

        await RunAsync();

        _pipeline.Ledger.Failures.ShouldHaveSingleItem().Error.Code.ShouldBe(ErrorCodes.RequestRefused);
    }

    [Fact]
    public async Task Run_DatabaseAwayWhileCompleting_TriesAgainWithoutWorkingAgain()
    {
        int failures = 3;
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(1);
        _pipeline.Ledger.BeforeComplete = _ =>
        {
            if (failures-- > 0)
            {
                throw new NpgsqlException("away", new IOException());
            }
        };

        Task run = RunAsync();
        await AdvanceUntilAsync(run, TimeSpan.FromMilliseconds(100));

        _pipeline.Work.Executed.Count.ShouldBe(1);
        Calls.ShouldContain("complete 0");
        Calls[^1].ShouldBe("finish 1");
    }

    [Fact]
    public async Task Run_DatabaseAway_KeepsResultsOfTheChunksAtOnceAndBeginsNoOther()
    {
        bool away = true;
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(6);
        _pipeline.Ledger.BeforeComplete = _ =>
        {
            if (away)
            {
                throw new NpgsqlException("away", new IOException());
            }
        };

        Task run = RunAsync();
        for (int step = 0; step < 20; step++)
        {
            _pipeline.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        _pipeline.Work.Executed.Count.ShouldBeLessThanOrEqualTo(_pipeline.Options.ChunksAtOnce);
        away = false;
        await AdvanceUntilAsync(run, TimeSpan.FromMilliseconds(100));

        _pipeline.Work.Executed.Count.ShouldBe(6);
        Calls.Count(call => call.StartsWith("complete", StringComparison.Ordinal)).ShouldBe(6);
        Calls[^1].ShouldBe("finish 1");
    }

    [Fact]
    public async Task Run_DatabaseRefusesOneCallForMinutes_GivesTheGroupBack()
    {
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(1);
        _pipeline.Ledger.BeforeComplete = _ => throw new NpgsqlException("away", new IOException());

        Task run = RunAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                _pipeline.Time.Advance(TimeSpan.FromSeconds(5));
                await _pipeline.Keeper.BeatAsync(7, default);
                return run.IsCompleted;
            },
            PipelineFixture.Patience,
            "the run's end");

        Calls.Where(call => !call.StartsWith("beat", StringComparison.Ordinal)).ShouldBe(["start 0", "release 1"]);
    }

    [Fact]
    public async Task Run_DatabaseAwayLongerThanTheLease_WritesNothing()
    {
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(1);
        _pipeline.Ledger.BeforeComplete = _ => throw new NpgsqlException("away", new IOException());

        Task run = RunAsync();
        await AdvanceUntilAsync(run, TimeSpan.FromSeconds(1));

        Calls.ShouldBe(["start 0"]);
    }

    [Fact]
    public async Task Run_WorkFailsForTheDatabase_ReleasesWithAJitteredDelay()
    {
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(1);
        _pipeline.Work.Execute = (_, _) => throw new NpgsqlException("away", new IOException());

        await RunAsync();

        Calls.ShouldBe(["start 0", "release 1"]);
        _pipeline.Ledger.ReleaseDelays.ShouldHaveSingleItem().ShouldBeInRange(TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Run_EngineStops_ReleasesAfterAGrowingDelayCountsTheStartsAndTellsTheProcess()
    {
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(1);
        _pipeline.Work.Execute = (_, _) => throw new EngineInvariantException("free + used must be total; got 1 + 2 and 4");

        await Should.ThrowAsync<EngineInvariantException>(RunAsync);

        Calls.ShouldBe(["start 0", "release lost 1"]);
        _pipeline.Ledger.ReleaseDelays.ShouldHaveSingleItem().ShouldBeInRange(TimeSpan.FromTicks(1), TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Run_DefectOutsideOfChunks_CountsAgainstEachAndGivesUpAtTheCap()
    {
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(2);
        _pipeline.Ledger.Open = chunk => Open(chunk, failures: chunk.ChunkNo == 0 ? 0 : RetryPolicy.MaxFailures - 1);
        _pipeline.Work.Resolve = () => throw new InvalidOperationException("SECRET");

        await RunAsync();

        Calls.ShouldBe(["retry 0 internal", "fail 1 internal", "release 1"]);
        _pipeline.Ledger.Failures.ShouldHaveSingleItem().Error.Message.ShouldNotContain("SECRET");
    }

    [Fact]
    public async Task Run_ResultCannotBeStoredForTheLastTime_IsInternalWithItsUsageAndAnswers()
    {
        Fail(RetryPolicy.MaxFailures - 1);
        var result = new ChunkResult { Usage = ChunkUsage.None with { OutputTokens = 9 } };
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(1);
        _pipeline.Ledger.BeforeComplete = _ => throw new InvalidOperationException("SECRET");
        _pipeline.Work.Execute = (_, _) => Task.FromResult(result);

        await RunAsync();

        var failure = _pipeline.Ledger.Failures.ShouldHaveSingleItem();
        failure.Error.Code.ShouldBe(ErrorCodes.Internal);
        failure.Evidence.ShouldBeSameAs(result);
    }

    [Fact]
    public async Task Run_DecoderIsInterrupted_IsTriedAgainAndThenGivenUp()
    {
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(2);
        _pipeline.Ledger.Open = chunk => Open(chunk, failures: chunk.ChunkNo == 0 ? 0 : RetryPolicy.MaxFailures - 1);
        _pipeline.Work.Execute = (_, _) => throw new DecoderInterruptedException("ffmpeg", 143);

        await RunAsync();

        Calls.ShouldContain("retry 0 decode_failed");
        Calls.ShouldContain("fail 1 decode_failed");
        Calls[^1].ShouldBe("release 1");
    }

    [Theory]
    [InlineData(LeaseEnd.Lost)]
    [InlineData(LeaseEnd.Expired)]
    [InlineData(LeaseEnd.Cancelled)]
    internal async Task Run_LeaseEndsInMidChunk_StopsTheWork(LeaseEnd end)
    {
        TaskCompletionSource began = Block(2);
        await using HeldLease lease = _pipeline.Hold();
        Task run = _pipeline.Runner.RunAsync(lease);
        await began.Task.WaitAsync(PipelineFixture.Patience);

        lease.EndWith(end).ShouldBeTrue();
        await run.WaitAsync(PipelineFixture.Patience);

        Calls.ShouldBe(end == LeaseEnd.Cancelled ? ["start 0", "start 1", "finish 1"] : ["start 0", "start 1"], ignoreOrder: true);
    }

    [Fact]
    public async Task Run_DrainBegins_EndsChunksInFlightAndReleasesTheRest()
    {
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(6);
        _pipeline.Work.Execute = async (_, _) =>
        {
            if (_pipeline.Work.Executed.Count == 2)
            {
                began.TrySetResult();
            }

            await goOn.Task;
            return new ChunkResult();
        };
        Task run = RunAsync();
        await began.Task.WaitAsync(PipelineFixture.Patience);

        _pipeline.Drain.Begin();
        goOn.SetResult();
        await run.WaitAsync(PipelineFixture.Patience);

        Calls.Count(call => call.StartsWith("complete", StringComparison.Ordinal)).ShouldBe(2);
        Calls[^1].ShouldBe("release 1");
        _pipeline.Ledger.ReleaseDelays.ShouldBe([TimeSpan.Zero]);
    }

    [Theory]
    [InlineData(0, "release 0")]
    [InlineData(1, "start 0,release 1")]
    public async Task Run_DecoderDiesWithTheDrain_LeavesTheWorkOpen(int groupNo, string calls)
    {
        ContentException Die()
        {
            _pipeline.Drain.Begin();
            return new ContentException(ErrorCodes.DecodeFailed, "file must decode; the decoder ended with 130");
        }

        _pipeline.Ledger.Chunks = PipelineFixture.Pages(1);
        _pipeline.Work.Plan = () => throw Die();
        _pipeline.Work.Execute = (_, _) => throw Die();

        await RunAsync(groupNo);

        Calls.ShouldBe(calls.Split(','));
    }

    [Fact]
    public async Task Run_GraceOver_StopsChunksAndReleases()
    {
        TaskCompletionSource began = Block(2);
        Task run = RunAsync();
        await began.Task.WaitAsync(PipelineFixture.Patience);

        _pipeline.Drain.End();
        await run.WaitAsync(PipelineFixture.Patience);

        Calls.ShouldBe(["start 0", "start 1", "release 1"], ignoreOrder: true);
    }

    [Fact]
    public async Task Run_SourceChanged_GivesAllChunksUp()
    {
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(2);
        _pipeline.Work.Resolve = () => throw new ContentException(ErrorCodes.SourceChanged, "source must be the planned file; got another");

        await RunAsync();

        Calls.ShouldBe(["fail 0 source_changed", "fail 1 source_changed", "finish 1"]);
        _pipeline.Work.Executed.ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_JobIsOver_FinishesWithoutWork()
    {
        _pipeline.Ledger.Job = _pipeline.Ledger.Job! with { State = JobState.Cancelling }; // set by the fixture

        await RunAsync();

        Calls.ShouldBe(["finish 1"]);
    }

    [Fact]
    public async Task Run_ReduceAndMerge_ReadTheirInputs()
    {
        _pipeline.Ledger.Chunks = [new PlannedChunk(4, ChunkKind.Reduce, 2, 0, 7), new PlannedChunk(5, ChunkKind.Merge, 1, 0, 3)];

        await RunAsync();

        Calls.ShouldContain("parts of level 1, 0..7");
        _pipeline.Work.Executed.Single(context => context.Chunk.ChunkNo == 4).SummaryInputs.Count.ShouldBe(1);
        _pipeline.Work.Executed.Single(context => context.Chunk.ChunkNo == 5).EventInputs.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Run_PlanningGroup_CommitsThePlan()
    {
        await RunAsync(0);

        Calls.ShouldBe(["plan 1", "finish 0"]);
    }

    [Fact]
    public async Task Run_PlanningMeetsBadSource_FailsTheJob()
    {
        _pipeline.Work.Plan = () => throw new ContentException(ErrorCodes.SourceNotFound, "source must exist; got x");

        await RunAsync(0);

        Calls.ShouldBe(["fail job source_not_found", "finish 0"]);
    }

    [Fact]
    public async Task Run_PlanningMeetsDefect_FailsTheJobAsInternal()
    {
        _pipeline.Work.Plan = () => throw new InvalidOperationException("SECRET");

        await RunAsync(0);

        Calls.ShouldBe(["fail job internal", "finish 0"]);
    }

    public void Dispose() => _pipeline.Dispose();

    private Task RunAsync() => RunAsync(1);

    private async Task RunAsync(int groupNo, long fence = 1)
    {
        await using HeldLease lease = _pipeline.Hold(groupNo, fence);
        await _pipeline.Runner.RunAsync(lease);
    }

    private static OpenChunk Open(PlannedChunk chunk, int failures) => new(chunk, ChunkHistory.None with { Failures = failures });

    /// <summary>Gives every chunk so many failures before.</summary>
    private void Fail(int failures) => _pipeline.Ledger.Open = chunk => Open(chunk, failures);

    /// <summary>Makes every chunk wait for its token; the source completes when <paramref name="count"/> chunks wait.</summary>
    private TaskCompletionSource Block(int count)
    {
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(count);
        _pipeline.Work.Execute = async (_, token) =>
        {
            if (_pipeline.Work.Executed.Count == count)
            {
                began.TrySetResult();
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return new ChunkResult();
        };
        return began;
    }

    private Task AdvanceUntilAsync(Task task, TimeSpan step) => Eventually.TrueAsync(
        () =>
        {
            _pipeline.Time.Advance(step);
            return Task.FromResult(task.IsCompleted);
        },
        PipelineFixture.Patience,
        "the run's end");
}
