using Microsoft.Extensions.Logging.Abstractions;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Engine;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Fakes;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Pipeline;

public sealed class EngineWatchdogTests : IDisposable
{
    private readonly PipelineFixture _pipeline = new();
    private readonly FakeInferenceEngine _engine = new(_ => "text");
    private readonly EngineWatchdog _watchdog;

    public EngineWatchdogTests() => _watchdog = new EngineWatchdog(
        _engine,
        _pipeline.Keeper,
        new GroupSettler(_pipeline.Ledger, _pipeline.Metrics, _pipeline.Time, NullLogger<GroupSettler>.Instance),
        _pipeline.Exit,
        _pipeline.Options,
        _pipeline.Time,
        NullLogger<EngineWatchdog>.Instance);

    [Fact]
    public async Task Run_NothingComputedWithRequestsOpen_GivesGroupsBackAsLostAndEndsTheProcess()
    {
        _engine.Progress = new EngineProgress(5, 2);
        await using HeldLease first = _pipeline.Hold(1);
        await using HeldLease second = _pipeline.Hold(2);
        await _watchdog.StartAsync(CancellationToken.None);

        await Eventually.TrueAsync(StuckLongerAsync, PipelineFixture.Patience, "the end");

        _pipeline.Exit.Abandoned.IsCompleted.ShouldBeTrue();
        _pipeline.Exit.Code.ShouldBe(1);
        _pipeline.Ledger.Calls.Where(call => call.StartsWith("release", StringComparison.Ordinal)).ShouldBe(["release lost 1", "release lost 2"], ignoreOrder: true);
        _pipeline.Keeper.HeldCount.ShouldBe(0);
    }

    [Fact]
    public async Task Run_EngineComputesSlowly_GoesOn()
    {
        _engine.Progress = new EngineProgress(0, 2);
        await _watchdog.StartAsync(CancellationToken.None);

        await AdvanceAsync(
            _pipeline.Options.StuckSeconds * 4,
            () =>
            {
                _engine.Progress = new EngineProgress(_engine.Progress.Work + 1, 2);
                return false;
            });

        _pipeline.Exit.Abandoned.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Run_NoRequestIsOpen_GoesOn()
    {
        _engine.Progress = new EngineProgress(5, 0);
        await _watchdog.StartAsync(CancellationToken.None);

        await AdvanceAsync(_pipeline.Options.StuckSeconds * 4, () => false);

        _pipeline.Exit.Abandoned.IsCompleted.ShouldBeFalse();
    }

    public void Dispose()
    {
        _watchdog.Dispose();
        _pipeline.Dispose();
    }

    private async Task AdvanceAsync(double seconds, Func<bool> done)
    {
        for (double elapsed = 0; elapsed < seconds && !done(); elapsed += 5)
        {
            _pipeline.Time.Advance(TimeSpan.FromSeconds(5));

            // The timer's continuation runs on another thread: it has this many turns to see the time.
            for (int turn = 0; turn < 20; turn++)
            {
                await Task.Yield();
            }

            await _pipeline.Keeper.BeatAsync(7, CancellationToken.None);
        }
    }

    // Time goes on as long as the watchdog has not looked: how many turns its thread needs is the machine's affair.
    private async Task<bool> StuckLongerAsync()
    {
        _pipeline.Time.Advance(TimeSpan.FromSeconds(5));
        await _pipeline.Keeper.BeatAsync(7, CancellationToken.None);
        return _pipeline.Exit.Abandoned.IsCompleted;
    }
}
