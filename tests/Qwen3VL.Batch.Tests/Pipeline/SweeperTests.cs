using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Pipeline;

public sealed class SweeperTests : IDisposable
{
    private readonly PipelineFixture _pipeline = new();
    private readonly FakeHousekeeping _house = new();
    private readonly Sweeper _sweeper;

    public SweeperTests() => _sweeper = new Sweeper(
        _house.Duties(_pipeline.Ledger), _pipeline.Options, _pipeline.Metrics, _pipeline.WakeUp, _pipeline.Time, NullLogger<Sweeper>.Instance);

    private TimeSpan Interval => TimeSpan.FromSeconds(_pipeline.Options.LeaseSeconds / 3);

    [Fact]
    public async Task Sweep_Failed_LeavesTheNextIntervalToTheHeartbeats()
    {
        bool away = true;
        _pipeline.Ledger.BeforeSweep = () =>
        {
            if (away)
            {
                throw new NpgsqlException("away", new IOException());
            }
        };
        await _sweeper.StartAsync(CancellationToken.None);

        await TickUntilAsync(() => _pipeline.Ledger.Calls.Contains("sweep failed"));
        away = false;
        _pipeline.Time.Advance(Interval);
        for (int turn = 0; turn < 50; turn++)
        {
            await Task.Yield();
        }

        _pipeline.Ledger.Calls.ShouldNotContain("sweep");
        await TickUntilAsync(() => _pipeline.Ledger.Calls.Contains("sweep"));
    }

    [Fact]
    public async Task Sweep_ForMinutes_HealsNowAndThen()
    {
        await _sweeper.StartAsync(CancellationToken.None);

        await TickUntilAsync(() => _pipeline.Ledger.Calls.Contains("heal"));

        _pipeline.Ledger.Calls.Count(call => call == "sweep").ShouldBeGreaterThan(10);
    }

    [Fact]
    public async Task Sweep_NotTheLeader_SweepsNothing()
    {
        _house.Leads = false;
        await _sweeper.StartAsync(CancellationToken.None);

        await TickUntilAsync(() => _house.Calls.Count(call => call == "lead") >= 3);

        _pipeline.Ledger.Calls.ShouldBeEmpty();
        _house.Calls.ShouldNotContain("keep house");
    }

    public void Dispose()
    {
        _sweeper.Dispose();
        _pipeline.Dispose();
    }

    private Task TickUntilAsync(Func<bool> holds) => Eventually.TrueAsync(
        () =>
        {
            if (!holds())
            {
                _pipeline.Time.Advance(Interval);
            }

            return Task.FromResult(holds());
        },
        PipelineFixture.Patience,
        "a call of the ledger");
}
