using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media.Processes;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Pipeline;

public sealed class GroupCountsTests : IDisposable
{
    // Far above any count: a fence counts every claim, also those of drains and outages.
    private const long Fence = 1_000;

    private readonly PipelineFixture _pipeline = new();

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public async Task RunPlanning_DecoderIsEndedFromOutside_CountsItAndFailsAtTheFifthTime()
    {
        _pipeline.Work.Plan = () => throw new DecoderInterruptedException("ffprobe", 137);

        await RunAsync(PipelineFixture.Group(ClaimedGroup.PlanningGroupNo, Fence) with { Outages = 9, Defects = Defects.MaxTries - 2 });
        ClaimedGroup released = _pipeline.Ledger.Released.ShouldHaveSingleItem();
        (released.Outages, released.Defects).ShouldBe((0, Defects.MaxTries - 1));
        await RunAsync(released);

        _pipeline.Ledger.Calls.ShouldContain("fail job internal");
    }

    [Fact]
    public async Task RunPlanning_DecoderIsEndedByTheDrain_IsGivenBackAndCountsNothing()
    {
        _pipeline.Work.Plan = () =>
        {
            _pipeline.Drain.Begin();
            throw new DecoderInterruptedException("ffprobe", 143);
        };

        await RunAsync(PipelineFixture.Group(ClaimedGroup.PlanningGroupNo, Fence) with { Outages = 3, Defects = Defects.MaxTries - 1 });

        ClaimedGroup released = _pipeline.Ledger.Released.ShouldHaveSingleItem();
        (released.Outages, released.Defects).ShouldBe((3, Defects.MaxTries - 1));
    }

    [Fact]
    public async Task Run_DrainBeforeTheSourceWasAskedFor_KeepsTheCountOfOutages()
    {
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(1);
        _pipeline.Drain.Begin();

        await RunAsync(PipelineFixture.Group() with { Outages = 17 });

        _pipeline.Ledger.Released.ShouldHaveSingleItem().Outages.ShouldBe(17);
    }

    [Fact]
    public async Task Run_GivingUpIsSuperseded_GroupIsGivenBackAndNotFinished()
    {
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(1);
        _pipeline.Ledger.FailureEnds = ChunkEnd.Superseded;
        _pipeline.Work.Execute = (_, _) => throw new ContentException(ErrorCodes.UnsupportedMedia, "page must be readable; got another");

        await RunAsync(PipelineFixture.Group());

        _pipeline.Ledger.Calls.ShouldContain("release 1");
        _pipeline.Ledger.Calls.ShouldNotContain("finish 1");
    }

    [Fact]
    public async Task RunPlanning_ReplayOfWhatReadsResultsAlone_NeedsNoSource()
    {
        _pipeline.Ledger.Job = _pipeline.Ledger.Job.ShouldNotBeNull() with { ReplayOf = Guid.Empty, ReplayChunks = [4], Facts = FakeWork.Facts };
        _pipeline.Ledger.ReplayedChunks = [.. PipelineFixture.Pages(4), new PlannedChunk(4, ChunkKind.Reduce, 1, 0, 3)];
        _pipeline.Work.Plan = () => throw new ContentException(ErrorCodes.SourceNotFound, "source must exist; got x");

        await RunAsync(PipelineFixture.Group(ClaimedGroup.PlanningGroupNo));

        _pipeline.Ledger.Calls.ShouldContain("plan 1");
    }

    [Fact]
    public async Task RunPlanning_ReplayOfManyReductions_SharesThemOutLikeAnyPlan()
    {
        const int Reductions = 20;
        _pipeline.Ledger.Job = _pipeline.Ledger.Job.ShouldNotBeNull() with { ReplayOf = Guid.Empty, ReplayChunks = null, Facts = FakeWork.Facts };
        _pipeline.Ledger.ReplayedChunks = [.. Enumerable.Range(0, Reductions).Select(no => new PlannedChunk(no, ChunkKind.Reduce, 1, no, no))];

        await RunAsync(PipelineFixture.Group(ClaimedGroup.PlanningGroupNo));

        int groups = (int)Math.Ceiling((double)Reductions / new PlanningOptions().ChunksPerGroup);
        _pipeline.Ledger.Calls.ShouldContain($"plan {groups}");
    }

    [Fact]
    public async Task RunPlanning_SourceWasThereButThePlanIsNotStored_CountsNoOutageAnyMore()
    {
        _pipeline.Ledger.BeforePlan = () => throw new InvalidOperationException();

        await RunAsync(PipelineFixture.Group(ClaimedGroup.PlanningGroupNo) with { Outages = 9 });

        ClaimedGroup released = _pipeline.Ledger.Released.ShouldHaveSingleItem();
        (released.Outages, released.Defects).ShouldBe((0, 1));
    }

    private async Task RunAsync(ClaimedGroup group)
    {
        await using HeldLease lease = _pipeline.Hold(group);
        await _pipeline.Runner.RunAsync(lease);
    }
}
