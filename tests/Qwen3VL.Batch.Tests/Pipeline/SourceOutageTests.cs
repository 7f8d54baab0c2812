using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Pipeline;

public sealed class SourceOutageTests : IDisposable
{
    private readonly PipelineFixture _pipeline = new();

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public async Task Run_SourceCannotBeHad_IsReleasedUntilTheLastTryThenGivenUp()
    {
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(1);
        _pipeline.Work.Resolve = () => throw new SourceUnavailableException("the server must answer");

        await RunAsync(1, SourceOutage.MaxTries - 2);
        _pipeline.Ledger.Released.ShouldHaveSingleItem().Outages.ShouldBe(SourceOutage.MaxTries - 1);
        _pipeline.Ledger.Calls.ShouldNotContain(call => call.StartsWith("fail", StringComparison.Ordinal));
        await RunAsync(1, SourceOutage.MaxTries - 1);

        _pipeline.Ledger.Calls.ShouldContain("fail 0 source_unavailable");
    }

    [Fact]
    public async Task RunPlanning_SourceCannotBeHad_IsReleasedUntilTheLastTryThenFailsTheJob()
    {
        _pipeline.Work.Plan = () => throw new SourceUnavailableException("the server must answer");

        await RunAsync(ClaimedGroup.PlanningGroupNo, SourceOutage.MaxTries - 2);
        _pipeline.Ledger.Calls.ShouldNotContain(call => call.Contains("source_unavailable", StringComparison.Ordinal));
        await RunAsync(ClaimedGroup.PlanningGroupNo, SourceOutage.MaxTries - 1);

        _pipeline.Ledger.Calls.ShouldContain(call => call.Contains("source_unavailable", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_ChunkThatReadsResultsAlone_AsksForNoSource()
    {
        _pipeline.Ledger.Chunks = [.. PipelineFixture.Pages(1).Select(page => page with { Kind = ChunkKind.Reduce })];
        _pipeline.Work.Resolve = () => throw new SourceUnavailableException("the server must answer");

        await RunAsync(1, SourceOutage.MaxTries);

        _pipeline.Ledger.Calls.ShouldContain("complete 0");
    }

    [Fact]
    public async Task Run_WorkerHasNoRoom_IsReleasedHoweverOften()
    {
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(1);
        _pipeline.Work.Resolve = () => throw new SourceUnavailableException("files in use must leave room") { IsOfWorker = true };

        await RunAsync(1, SourceOutage.MaxTries);

        _pipeline.Ledger.Calls.ShouldNotContain(call => call.StartsWith("fail", StringComparison.Ordinal));
        _pipeline.Ledger.Released.ShouldHaveSingleItem().Outages.ShouldBe(SourceOutage.MaxTries);
    }

    [Fact]
    public async Task Run_FileIsThereAgain_OutagesCountAnew()
    {
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(1);
        _pipeline.Work.Execute = (_, _) => throw new ContentException("decode_failed", "page must be readable");

        await RunAsync(1, SourceOutage.MaxTries - 1);

        _pipeline.Ledger.Released.ShouldHaveSingleItem().Outages.ShouldBe(0);
    }

    [Fact]
    public async Task Run_FetchedFile_IsHeldWhileChunksRunAndReleasedAfter()
    {
        Hold hold = new();
        bool heldMeanwhile = false;
        _pipeline.Ledger.Chunks = PipelineFixture.Pages(1);
        _pipeline.Work.Resolve = () => Task.FromResult(new SourceFile("/x", "x", "aa", 1) { Hold = hold });
        _pipeline.Work.Execute = (_, _) =>
        {
            heldMeanwhile = !hold.IsReleased;
            return Task.FromResult(new ChunkResult());
        };

        await RunAsync(1, 0);

        heldMeanwhile.ShouldBeTrue();
        hold.IsReleased.ShouldBeTrue();
    }

    // The fence far above: a group that was rebuilt, or that was claimed often for other reasons, has its tries too.
    private async Task RunAsync(int groupNo, int outages)
    {
        await using HeldLease lease = _pipeline.Hold(groupNo, fence: 1_000, outages);
        await _pipeline.Runner.RunAsync(lease);
    }

    private sealed class Hold : IDisposable
    {
        public bool IsReleased { get; private set; }

        public void Dispose() => IsReleased = true;
    }
}
