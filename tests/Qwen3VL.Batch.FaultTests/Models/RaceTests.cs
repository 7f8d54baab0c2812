using Qwen3VL.Batch.Faults.Models;
using Qwen3VL.Batch.Storage;
using Qwen3VL.TestKit.Fuzzing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Models;

/// <summary>Two operations at once on different connections. Whoever is first, exactly one wins and no deadlock reaches the caller.</summary>
[Collection(FaultServersFixture.Collection)]
[Trait(FuzzRun.Category, FuzzRun.Fuzz)]
public sealed class RaceTests(FaultServersFixture fixture)
{
    private const int FastRounds = 25;
    private const int FullRounds = 1_000;

    private static readonly TimeSpan Lease = TimeSpan.FromHours(1);

    // Longer than a merge runs it: somebody asked for the long form.
    private static int Rounds => FuzzRun.Seconds > 5 ? FullRounds : FastRounds;

    [Fact]
    public async Task CompleteAgainstCancel_AtOnce_EndsTheJobOnce() => await RaceAsync(1, async (racers, jobId, leases, isOdd) =>
    {
        IReadOnlyList<LedgerHand> hands = racers.Hands;
        ClaimedGroup lease = leases[0];
        OpenChunk open = (await hands[0].Ledger.ReadOpenChunksAsync(lease, CancellationToken.None))[0];
        _ = await hands[0].Ledger.StartChunkAsync(lease, open.Chunk, CancellationToken.None);

        Task<ChunkEnd> complete = Complete();
        await Task.WhenAll(complete, hands[1].Ledger.RequestCancelAsync(1, jobId, null, CancellationToken.None));
        await hands[0].Ledger.FinishGroupAsync(lease, CancellationToken.None);
        (await complete).ShouldNotBe(ChunkEnd.Superseded);

        async Task<ChunkEnd> Complete()
        {
            await YieldAsync(isOdd);
            return await hands[0].Ledger.CompleteChunkAsync(lease, open.Chunk, LedgerHand.Result(open.Chunk), CancellationToken.None);
        }
    });

    [Fact]
    public async Task SweepAgainstComplete_AtOnce_CountsTheChunkOnce() => await RaceAsync(1, async (racers, jobId, leases, isOdd) =>
    {
        IReadOnlyList<LedgerHand> hands = racers.Hands;
        ClaimedGroup lease = leases[0];
        OpenChunk open = (await hands[0].Ledger.ReadOpenChunksAsync(lease, CancellationToken.None))[0];
        _ = await hands[0].Ledger.StartChunkAsync(lease, open.Chunk, CancellationToken.None);
        await racers.ExecuteAsync("UPDATE vq.workers SET beat_at = now() - interval '1 hour'; UPDATE vq.work SET lease_until = now() - interval '1 second' WHERE job_id = @jobId", new { jobId });

        Task<ChunkEnd> complete = Complete();
        await Task.WhenAll(complete, hands[1].Ledger.SweepAsync(CancellationToken.None));
        await racers.ExecuteAsync("UPDATE vq.work SET run_at = now()", null);
        foreach (ClaimedGroup again in await hands[1].ClaimAsync(4, Lease, CancellationToken.None))
        {
            _ = await hands[1].DoAsync(again, CancellationToken.None);
        }

        async Task<ChunkEnd> Complete()
        {
            await YieldAsync(isOdd);
            return await hands[0].Ledger.CompleteChunkAsync(lease, open.Chunk, LedgerHand.Result(open.Chunk), CancellationToken.None);
        }
    });

    [Fact]
    public async Task ClaimAgainstClaim_AtOnce_LeasesAGroupOnce() => await RaceAsync(1, async (racers, _, leases, _) =>
    {
        IReadOnlyList<LedgerHand> hands = racers.Hands;
        await hands[0].Ledger.ReleaseAsync(leases[0], TimeSpan.Zero, CancellationToken.None);

        IReadOnlyList<ClaimedGroup>[] claims = await Task.WhenAll(hands.Select(hand => hand.ClaimAsync(1, Lease, CancellationToken.None)));

        ClaimedGroup only = claims.SelectMany(claim => claim).ShouldHaveSingleItem();
        _ = await hands[0].DoAsync(only, CancellationToken.None);
    });

    [Fact]
    public async Task PlanAgainstCancel_AtOnce_LeavesNoHalfPlan()
    {
        await using Racers racers = await Racers.StartAsync(await fixture.Servers.CreateDatabaseAsync());
        for (int round = 0; round < Rounds; round++)
        {
            Guid jobId = (await racers.Hands[0].Ledger.SubmitAsync(LedgerHand.Command($"key-{round}"), CancellationToken.None)).JobId;
            ClaimedGroup planning = (await racers.Hands[0].ClaimAsync(1, Lease, CancellationToken.None)).ShouldHaveSingleItem();

            Task<bool> plan = racers.Hands[0].Ledger.CommitPlanAsync(planning, LedgerHand.Plan(3, 1), CancellationToken.None);
            await Task.WhenAll(plan, racers.Hands[1].Ledger.RequestCancelAsync(1, jobId, null, CancellationToken.None));
            _ = await racers.Hands[1].Ledger.SweepAsync(CancellationToken.None);

            await racers.CheckEndedAsync();
        }
    }

    // Runs rounds of one job with one group, planned and leased by the first hand; checks that each has ended and all rules hold.
    private async Task RaceAsync(int chunks, Func<Racers, Guid, IReadOnlyList<ClaimedGroup>, bool, Task> race)
    {
        await using Racers racers = await Racers.StartAsync(await fixture.Servers.CreateDatabaseAsync());
        for (int round = 0; round < Rounds; round++)
        {
            await racers.Hands[0].PlanJobsAsync($"round-{round}", 1, chunks, chunks, Lease, CancellationToken.None);
            IReadOnlyList<ClaimedGroup> leases = await racers.Hands[0].ClaimAsync(1, Lease, CancellationToken.None);
            await race(racers, leases.ShouldHaveSingleItem().JobId, leases, round % 2 == 1);
            await racers.CheckEndedAsync();
        }
    }

    private static async Task YieldAsync(bool isWanted)
    {
        if (isWanted)
        {
            await Task.Yield();
        }
    }
}
