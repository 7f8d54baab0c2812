using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

[Collection(PostgresServer.Collection)]
public sealed class LedgerLeaseTests(PostgresServer server) : IAsyncLifetime
{
    private LedgerDatabase _database = null!; // set before each test
    private long _worker;

    public async Task InitializeAsync()
    {
        _database = await LedgerDatabase.CreateAsync(server);
        _worker = await _database.WorkerAsync();
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Claim_EightWorkersAtOnce_EachGroupGoesToOne()
    {
        await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(60), _worker);

        IReadOnlyList<ClaimedGroup>[] claims = await Task.WhenAll(
            Enumerable.Range(0, 8).SelectMany(worker => Enumerable.Range(0, 3).Select(_ => _database.Ledger.ClaimAsync(worker, 5, LedgerDatabase.LeaseTime, default))));

        ClaimedGroup[] all = [.. claims.SelectMany(claim => claim)];
        all.Select(group => group.Key).ShouldBeUnique();
        all.ShouldAllBe(group => group.Fence == 1);
        claims.ShouldAllBe(claim => claim.Count <= 5);
        long open = await _database.CountAsync("vq.work WHERE lease_until IS NULL");
        (all.Length + open).ShouldBe(60);
    }

    [Fact]
    public async Task Claim_PlanningGroup_JobIsSplitting()
    {
        Guid jobId = await _database.SubmitAsync("a");

        ClaimedGroup planning = await _database.ClaimOneAsync(_worker);

        planning.GroupNo.ShouldBe(ClaimedGroup.PlanningGroupNo);
        (await _database.JobAsync(jobId)).State.ShouldBe(JobState.Splitting);
        (await _database.Ledger.ClaimAsync(_worker, 5, LedgerDatabase.LeaseTime, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Sweep_LeaseRanOut_GroupIsReadyAfterAPauseThatGrows()
    {
        await _database.SubmitAsync("a");
        await _database.ClaimOneAsync(_worker);
        await _database.ExecuteAsync("UPDATE vq.workers SET beat_at = now() - interval '1 hour'");
        await _database.ExecuteAsync("UPDATE vq.work SET lease_until = now() - interval '1 second', lost_count = 2");

        SweepReport report = await _database.Ledger.SweepAsync(default);

        report.ExpiredLeases.ShouldBe(1);
        (await _database.QueryAsync<bool>("SELECT lost_count = 3 AND run_at > now() + interval '2 seconds' FROM vq.work")).ShouldBe([true]);
        (await _database.Ledger.ClaimAsync(_worker, 5, LedgerDatabase.LeaseTime, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Heartbeat_HeldAndLostLeases_OnlyHeldOnesAreInTheAnswer()
    {
        await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(2), _worker);
        ClaimedGroup held = await _database.ClaimOneAsync(_worker);
        ClaimedGroup other = await _database.ClaimOneAsync(await _database.WorkerAsync());
        await _database.ExecuteAsync("UPDATE vq.work SET lease_until = now() + interval '1 second'");
        LeaseKey[] leases = [held.Key, other.Key, held.Key with { Fence = held.Fence + 1 }];

        IReadOnlyList<RenewedLease> renewed = (await _database.Ledger.HeartbeatAsync(_worker, leases, LedgerDatabase.LeaseTime, default)).Leases;

        renewed.ShouldBe([new RenewedLease(held.Key, false)]);
        (await _database.CountAsync("vq.work WHERE lease_until > now() + interval '1 minute'")).ShouldBe(1);
    }

    [Fact]
    public async Task OldHolder_GroupWasTakenOver_IsRefusedEverywhere()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(2, pagesPerGroup: 2), _worker);
        ClaimedGroup old = await _database.ClaimOneAsync(_worker);
        PlannedChunk chunk = (await _database.StartAsync(old))[0];
        (await _database.ExpireAsync()).ExpiredLeases.ShouldBe(1);

        // The same worker may be the next holder: the fence tells the two claims apart.
        ClaimedGroup taken = await _database.ClaimOneAsync(_worker);

        taken.Fence.ShouldBe(old.Fence + 1);
        (await _database.StartAsync(old)).ShouldBeEmpty();
        (await _database.Ledger.CompleteChunkAsync(old, chunk, LedgerDatabase.PageResult(chunk), default)).ShouldBe(ChunkEnd.Superseded);
        (await _database.Ledger.FailChunkAsync(old, chunk, LedgerDatabase.Broken, new ChunkResult(), default)).ShouldBe(ChunkEnd.Superseded);
        await _database.Ledger.ReleaseAsync(old, TimeSpan.Zero, default);
        await _database.Ledger.FinishGroupAsync(old, default);
        (await _database.Ledger.HeartbeatAsync(_worker, [old.Key], LedgerDatabase.LeaseTime, default)).Leases.ShouldBeEmpty();
        (await _database.CountAsync("vq.work WHERE lease_until IS NOT NULL AND fence = 2")).ShouldBe(1);
        (await _database.CountAsync("vq.pages")).ShouldBe(0);
        (await _database.JobAsync(jobId)).DoneChunks.ShouldBe(0);

        // The cost of the lost execution is on record, but nobody pays for it.
        (await _database.QueryAsync<bool>("SELECT billable FROM vq.usage_records")).ShouldBe([false]);
        (await _database.StartAsync(taken)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task OldHolder_PlanningWasTakenOver_CannotCommitOrFail()
    {
        Guid jobId = await _database.SubmitAsync("a");
        ClaimedGroup old = await _database.ClaimOneAsync(_worker);
        await _database.ExpireAsync();
        ClaimedGroup taken = await _database.ClaimOneAsync(_worker);

        (await _database.Ledger.CommitPlanAsync(old, LedgerDatabase.Plan(1), default)).ShouldBeFalse();
        (await _database.Ledger.FailJobAsync(old, LedgerDatabase.Broken, default)).ShouldBeFalse();

        (await _database.JobAsync(jobId)).State.ShouldBe(JobState.Splitting);
        (await _database.Ledger.CommitPlanAsync(taken, LedgerDatabase.Plan(1), default)).ShouldBeTrue();
    }

    [Fact]
    public async Task Release_WithDelay_ReadyLaterAndNotCountedAsLost()
    {
        await _database.SubmitAsync("a");
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);

        await _database.Ledger.ReleaseAsync(group, TimeSpan.FromMinutes(1), default);

        (await _database.Ledger.ClaimAsync(_worker, 1, LedgerDatabase.LeaseTime, default)).ShouldBeEmpty();
        (await _database.CountAsync("vq.work WHERE lost_count = 0 AND run_at > now() + interval '50 seconds'")).ShouldBe(1);
    }

    [Fact]
    public async Task Release_WhatWasCountedOfTheGroup_NextClaimKnows()
    {
        await _database.SubmitAsync("a");
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        await _database.Ledger.ReleaseAsync(group with { Outages = 7, Defects = 3 }, TimeSpan.Zero, default);

        ClaimedGroup next = await _database.ClaimOneAsync(_worker);
        (next.Outages, next.Defects).ShouldBe((7, 3));
    }

    [Fact]
    public async Task ReleaseLost_WhatWasCountedOfTheGroup_NextClaimKnows()
    {
        await _database.SubmitAsync("a");
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        _ = await _database.Ledger.ReleaseLostAsync(group with { Outages = 7, Defects = 3 }, TimeSpan.Zero, default);

        ClaimedGroup next = await _database.ClaimOneAsync(_worker);
        (next.Outages, next.Defects).ShouldBe((7, 3));
    }

    [Fact]
    public async Task StartChunks_AfterATakeOver_ReturnsOnlyOpenOnesAndCountsStarts()
    {
        await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(3, pagesPerGroup: 3), _worker);
        ClaimedGroup first = await _database.ClaimOneAsync(_worker);
        IReadOnlyList<PlannedChunk> chunks = await _database.StartAsync(first);
        chunks.ShouldBe(LedgerDatabase.Plan(3, pagesPerGroup: 3).Groups[0].Chunks);
        await _database.Ledger.CompleteChunkAsync(first, chunks[1], LedgerDatabase.PageResult(chunks[1]), default);
        await _database.ExpireAsync();

        ClaimedGroup second = await _database.ClaimOneAsync(_worker);

        (await _database.StartAsync(second)).ShouldBe([chunks[0], chunks[2]]);
        (await _database.QueryAsync<int>("SELECT starts::int FROM vq.chunks ORDER BY chunk_no")).ShouldBe([2, 1, 2]);
    }

    [Fact]
    public async Task FinishGroup_ChunksStillOpen_KeepsTheGroup()
    {
        await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(2, pagesPerGroup: 2), _worker);
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        IReadOnlyList<PlannedChunk> chunks = await _database.StartAsync(group);
        await _database.Ledger.CompleteChunkAsync(group, chunks[0], LedgerDatabase.PageResult(chunks[0]), default);

        await _database.Ledger.FinishGroupAsync(group, default);
        (await _database.CountAsync("vq.work")).ShouldBe(1);

        await _database.Ledger.CompleteChunkAsync(group, chunks[1], LedgerDatabase.PageResult(chunks[1]), default);
        await _database.Ledger.FinishGroupAsync(group, default);
        (await _database.CountAsync("vq.work")).ShouldBe(0);
    }

    [Fact]
    public async Task FinishGroup_PlanningWithoutAPlan_KeepsTheGroup()
    {
        await _database.SubmitAsync("a");
        ClaimedGroup planning = await _database.ClaimOneAsync(_worker);

        await _database.Ledger.FinishGroupAsync(planning, default);

        (await _database.CountAsync("vq.work")).ShouldBe(1);
    }

    [Fact]
    public async Task UnregisterWorker_Registered_IsMarkedStopped()
    {
        await _database.Ledger.UnregisterWorkerAsync(_worker, default);

        (await _database.CountAsync("vq.workers WHERE stopped_at IS NOT NULL")).ShouldBe(1);
    }
}
