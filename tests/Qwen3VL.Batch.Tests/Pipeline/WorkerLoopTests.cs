using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Engine;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Pipeline;

public sealed class WorkerLoopTests : IDisposable
{
    private readonly PipelineFixture _pipeline = new();

    [Fact]
    public async Task Run_MoreGroupsThanSlots_AsksOnlyForWhatFits()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Prepare(groups: 5, async token =>
        {
            await goOn.Task.WaitAsync(token);
        });
        using WorkerLoop loop = await StartAsync();

        await WorkingAsync(2);
        _pipeline.Keeper.HeldCount.ShouldBe(2);
        goOn.SetResult();
        await _pipeline.SeeAsync("finish 5");
        await loop.StopAsync(CancellationToken.None).WaitAsync(PipelineFixture.Patience);

        _pipeline.Ledger.Calls.ShouldContain("claim 2");
        _pipeline.Ledger.Calls.ShouldNotContain("claim 3");
        _pipeline.Ledger.Calls.Last().ShouldBe("unregister");
    }

    [Fact]
    public async Task Run_NothingReady_LooksAgainAfterTheIntervalOrAHint()
    {
        using WorkerLoop loop = await StartAsync();
        await ClaimsAsync(1);

        _pipeline.WakeUp.WorkChanged();
        await ClaimsAsync(2);
        await Eventually.TrueAsync(() => Task.FromResult(_pipeline.Time.ArmedTimers >= 2), PipelineFixture.Patience, "the wait");
        _pipeline.Time.Advance(TimeSpan.FromSeconds(1.25 * _pipeline.Options.PollSeconds));
        await ClaimsAsync(3);

        await loop.StopAsync(CancellationToken.None).WaitAsync(PipelineFixture.Patience);
    }

    [Fact]
    public async Task Stop_ChunksEndWithinGrace_StoresThemAndReleasesNothingInDoubt()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Prepare(groups: 1, token => goOn.Task.WaitAsync(token));
        using WorkerLoop loop = await StartAsync();
        await WorkingAsync(1);

        Task stop = loop.StopAsync(CancellationToken.None);
        goOn.SetResult();
        await stop.WaitAsync(PipelineFixture.Patience);

        string[] calls = [.. _pipeline.Ledger.Calls];
        calls.ShouldContain("complete 0");
        calls.ShouldContain("finish 1");
        calls[^1].ShouldBe("unregister");
    }

    [Fact]
    public async Task Stop_GraceOver_GivesTheGroupBackAtOnce()
    {
        Prepare(groups: 1, token => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token));
        using WorkerLoop loop = await StartAsync();
        await WorkingAsync(1);

        Task stop = loop.StopAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => Task.FromResult(_pipeline.Drain.Draining.IsCancellationRequested), PipelineFixture.Patience, "the drain");
        await Eventually.TrueAsync(
            () =>
            {
                _pipeline.Time.Advance(TimeSpan.FromSeconds(5));
                return Task.FromResult(stop.IsCompleted);
            },
            PipelineFixture.Patience,
            "the stop");

        string[] calls = [.. _pipeline.Ledger.Calls];
        calls.ShouldNotContain("complete 0");
        calls.ShouldContain("release 1");
        calls[^1].ShouldBe("unregister");
        _pipeline.Ledger.ReleaseDelays.ShouldBe([TimeSpan.Zero]);
    }

    [Fact]
    public async Task Stop_WorkInFlight_SaysAtOnceThatItDrainsAndIsNotReady()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Prepare(groups: 1, token => goOn.Task.WaitAsync(token));
        using WorkerLoop loop = await StartAsync();
        await WorkingAsync(1);
        _pipeline.Activity.Ready.ShouldBeTrue();

        Task stop = loop.StopAsync(CancellationToken.None);
        await _pipeline.SeeAsync("draining");

        _pipeline.Activity.Ready.ShouldBeFalse();
        _pipeline.Ledger.Calls.ShouldNotContain("unregister");
        goOn.SetResult();
        await stop.WaitAsync(PipelineFixture.Patience);
    }

    [Fact]
    public async Task Run_SlotsReserved_AsksForSharedWorkOnlyUpToTheRest()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Prepare(groups: 1, token => goOn.Task.WaitAsync(token));
        _pipeline.Ledger.Ready.Enqueue(PipelineFixture.Group(2, lane: Lanes.Interactive));
        using WorkerLoop loop = _pipeline.CreateLoop(_pipeline.Options with { Slots = 3, ReservedSlots = 1 });
        await loop.StartAsync(CancellationToken.None);
        await WorkingAsync(2);
        await ClaimsAsync(1);

        _pipeline.WakeUp.WorkChanged();
        await ClaimsAsync(2);

        // Three slots, one of them reserved; then one bulk and one interactive group run, so that one shared group has room.
        _pipeline.Ledger.SharedCounts.Take(2).ShouldBe([2, 1]);
        goOn.SetResult();
        await loop.StopAsync(CancellationToken.None).WaitAsync(PipelineFixture.Patience);
    }

    [Fact]
    public async Task Run_EngineStops_EndsTheProcessWithFailure()
    {
        Prepare(groups: 1, _ => throw new EngineInvariantException("broken"));
        using WorkerLoop loop = await StartAsync();

        await _pipeline.StopAsked.WaitAsync(PipelineFixture.Patience);
        await loop.StopAsync(CancellationToken.None).WaitAsync(PipelineFixture.Patience);

        _pipeline.Exit.Code.ShouldBe(1);
        _pipeline.Ledger.Calls.ShouldContain("release lost 1");
    }

    public void Dispose() => _pipeline.Dispose();

    private void Prepare(int groups, Func<CancellationToken, Task> work)
    {
        for (int groupNo = 1; groupNo <= groups; groupNo++)
        {
            _pipeline.Ledger.Ready.Enqueue(PipelineFixture.Group(groupNo));
        }

        _pipeline.Ledger.Chunks = PipelineFixture.Pages(1);
        _pipeline.Work.Execute = async (_, token) =>
        {
            await work(token);
            return new ChunkResult();
        };
    }

    private async Task<WorkerLoop> StartAsync()
    {
        WorkerLoop loop = _pipeline.CreateLoop();
        await loop.StartAsync(CancellationToken.None);
        return loop;
    }

    private Task WorkingAsync(int chunks) =>
        Eventually.TrueAsync(() => Task.FromResult(_pipeline.Work.Executed.Count == chunks), PipelineFixture.Patience, $"{chunks} chunks at work");

    private Task ClaimsAsync(int count) => Eventually.TrueAsync(
        () => Task.FromResult(_pipeline.Ledger.Calls.Count(call => call.StartsWith("claim", StringComparison.Ordinal)) == count), PipelineFixture.Patience, $"claim {count}");
}
