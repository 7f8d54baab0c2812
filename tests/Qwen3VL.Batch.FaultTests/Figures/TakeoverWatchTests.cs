using Dapper;
using Npgsql;
using Qwen3VL.Batch.Faults.Figures;
using Qwen3VL.Batch.Faults.Models;
using Qwen3VL.Batch.Storage;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Figures;

[Collection(FaultServersFixture.Collection)]
public sealed class TakeoverWatchTests(FaultServersFixture fixture)
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Watch_LeaseThatRunsOut_IsTakenBackBeforeItIsClaimedAgain()
    {
        string database = await fixture.Servers.CreateDatabaseAsync();
        await using LedgerHand hand = await LedgerHand.StartAsync(database, CancellationToken.None);
        await hand.PlanJobsAsync("watch", 1, 2, 2, Lease, CancellationToken.None);
        ClaimedGroup group = (await hand.ClaimOrdinaryAsync(1, Lease, CancellationToken.None)).ShouldHaveSingleItem();
        await using var watch = new TakeoverWatch(database);
        watch.Lost([new LeaseKey(group.JobId, group.GroupNo, group.Fence)], TimeProvider.System.GetTimestamp());

        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.ExecuteAsync("UPDATE vq.workers SET beat_at = now() - interval '1 hour'; UPDATE vq.work SET lease_until = now() - interval '1 minute'");
        _ = await hand.Ledger.SweepAsync(CancellationToken.None);

        await Eventually.TrueAsync(() => Task.FromResult(watch.TakenBackSeconds.Count == 1), Patience, "the lease is taken back");
        watch.Seconds.ShouldBeEmpty();
        await Eventually.TrueAsync(async () => (await hand.ClaimOrdinaryAsync(1, Lease, CancellationToken.None)).Count == 1, Patience, "the next claim");
        await Eventually.TrueAsync(() => Task.FromResult(watch.Seconds.Count == 1), Patience, "the group is with another");
    }
}
