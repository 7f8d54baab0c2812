using Npgsql;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Pipeline;

public sealed class LeaseKeeperTests : IDisposable
{
    private readonly PipelineFixture _pipeline = new();

    [Fact]
    public async Task Beat_AllRenewed_MovesTheLocalDeadline()
    {
        await using HeldLease lease = _pipeline.Hold();
        for (int beat = 0; beat < 5; beat++)
        {
            _pipeline.Time.Advance(TimeSpan.FromSeconds(40));
            await _pipeline.Keeper.BeatAsync(7, CancellationToken.None);
        }

        lease.End.ShouldBe(LeaseEnd.Held);
        lease.Token.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task Beat_LeaseNotInTheAnswer_EndsItAtOnceAndOnlyIt()
    {
        await using HeldLease kept = _pipeline.Hold(1);
        await using HeldLease lost = _pipeline.Hold(2);
        _pipeline.Ledger.Heartbeat = (_, _) => Task.FromResult<IReadOnlyList<RenewedLease>>([new RenewedLease(kept.Group.Key, false)]);

        await _pipeline.Keeper.BeatAsync(7, CancellationToken.None);

        lost.End.ShouldBe(LeaseEnd.Lost);
        lost.Token.IsCancellationRequested.ShouldBeTrue();
        kept.End.ShouldBe(LeaseEnd.Held);
        _pipeline.Keeper.HeldCount.ShouldBe(1);
    }

    [Fact]
    public async Task Beat_JobCancelled_EndsTheLeaseButKeepsItUntilSettled()
    {
        await using HeldLease lease = _pipeline.Hold();
        _pipeline.Ledger.Heartbeat = (keys, _) => Task.FromResult<IReadOnlyList<RenewedLease>>([.. keys.Select(key => new RenewedLease(key, true))]);

        await _pipeline.Keeper.BeatAsync(7, CancellationToken.None);

        lease.End.ShouldBe(LeaseEnd.Cancelled);
        lease.Token.IsCancellationRequested.ShouldBeTrue();
        _pipeline.Keeper.HeldCount.ShouldBe(1);
    }

    [Fact]
    public async Task Beat_DatabaseAway_LeaseExpiresAtFourFifthsOfItsTime()
    {
        await using HeldLease lease = _pipeline.Hold();
        _pipeline.Ledger.Heartbeat = (_, _) => throw new NpgsqlException("away", new IOException());

        _pipeline.Time.Advance(TimeSpan.FromSeconds(20));
        await _pipeline.Keeper.BeatAsync(7, CancellationToken.None);
        _pipeline.Time.Advance(TimeSpan.FromSeconds(27.9));
        lease.End.ShouldBe(LeaseEnd.Held);
        _pipeline.Time.Advance(TimeSpan.FromSeconds(0.2));

        lease.End.ShouldBe(LeaseEnd.Expired);
        lease.Token.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task Beat_AnswerComesLate_DeadlineCountsFromBeforeTheStatement()
    {
        await using HeldLease lease = _pipeline.Hold();
        _pipeline.Ledger.Heartbeat = (keys, _) =>
        {
            _pipeline.Time.Advance(TimeSpan.FromSeconds(15));
            return Task.FromResult<IReadOnlyList<RenewedLease>>([.. keys.Select(key => new RenewedLease(key, false))]);
        };

        await _pipeline.Keeper.BeatAsync(7, CancellationToken.None);
        _pipeline.Time.Advance(TimeSpan.FromSeconds(33.1));

        lease.End.ShouldBe(LeaseEnd.Expired);
    }

    [Fact]
    public async Task Beat_HangsLongerThanItsInterval_IsGivenUp()
    {
        await using HeldLease lease = _pipeline.Hold();
        _pipeline.Ledger.Heartbeat = async (_, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return [];
        };

        Task beat = _pipeline.Keeper.BeatAsync(7, CancellationToken.None);
        _pipeline.Time.Advance(_pipeline.Keeper.BeatInterval);
        await beat.WaitAsync(PipelineFixture.Patience);

        lease.End.ShouldBe(LeaseEnd.Held);
    }

    [Fact]
    public async Task Beat_DrainWasAskedFor_StopsTheProcessInOrderAndKeepsTheLeases()
    {
        await using HeldLease lease = _pipeline.Hold();
        _pipeline.Ledger.DrainRequested = true;

        await _pipeline.Keeper.BeatAsync(7, CancellationToken.None);

        _pipeline.StopAsked.IsCompleted.ShouldBeTrue();
        _pipeline.Exit.Code.ShouldBe(0);
        lease.End.ShouldBe(LeaseEnd.Held);
    }

    [Fact]
    public async Task Beat_GroupSettledMeanwhile_IsNoLoss()
    {
        await using HeldLease lease = _pipeline.Hold();
        _pipeline.Ledger.Heartbeat = (_, _) =>
        {
            lease.Settle();
            return Task.FromResult<IReadOnlyList<RenewedLease>>([]);
        };

        await _pipeline.Keeper.BeatAsync(7, CancellationToken.None);

        lease.End.ShouldBe(LeaseEnd.Held);
    }

    [Fact]
    public async Task Run_TimePasses_BeatsThriceALease()
    {
        using var stop = new CancellationTokenSource();
        Task beats = _pipeline.Keeper.RunAsync(7, stop.Token);
        for (int beat = 1; beat <= 3; beat++)
        {
            _pipeline.Time.Advance(TimeSpan.FromSeconds(20));
            int expected = beat;
            await TestKit.Eventually.TrueAsync(() => Task.FromResult(_pipeline.Ledger.Calls.Count == expected), PipelineFixture.Patience, $"beat {beat}");
        }

        await stop.CancelAsync();
        await beats.WaitAsync(PipelineFixture.Patience);
    }

    [Fact]
    public async Task Run_Hint_BeatsAtOnceAndManyHintsAreFewBeats()
    {
        using var stop = new CancellationTokenSource();
        Task beats = _pipeline.Keeper.RunAsync(7, stop.Token);
        for (int hint = 0; hint < 1_000; hint++)
        {
            _pipeline.WakeUp.LeasesChanged();
        }

        // The clock stands still: no beat is due by time, and the pause after a hint does not end.
        await TestKit.Eventually.TrueAsync(() => Task.FromResult(_pipeline.Time.ArmedTimers > 0 && !_pipeline.Ledger.Calls.IsEmpty), PipelineFixture.Patience, "a beat");
        _pipeline.Ledger.Calls.Count.ShouldBe(1);

        await stop.CancelAsync();
        await beats.WaitAsync(PipelineFixture.Patience);
    }

    public void Dispose() => _pipeline.Dispose();
}
