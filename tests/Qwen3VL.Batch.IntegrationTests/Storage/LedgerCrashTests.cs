using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

/// <summary>What the ledger concludes from processes that died.</summary>
[Collection(PostgresServer.Collection)]
public sealed class LedgerCrashTests(PostgresServer server) : IAsyncLifetime
{
    private const string QuarantineGroups = "vq.work WHERE lane = 2 AND lease_until IS NULL";

    private LedgerDatabase _database = null!; // set before each test
    private long _worker;

    private IJobLedger Ledger => _database.Ledger;

    public async Task InitializeAsync()
    {
        _database = await LedgerDatabase.CreateAsync(server);
        _worker = await _database.WorkerAsync();
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Start_OneOfThree_LeavesNoEvidenceAgainstTheOthers()
    {
        ClaimedGroup group = await ClaimPlannedAsync(3);
        PlannedChunk second = await StartAsync(group, 1);

        SweepReport report = await _database.ExpireAsync();

        report.Found.ShouldBe(new TakenBack(1, 0, 0));
        (await LostStartsAsync()).ShouldBe([0, 1, 0]);
        (await _database.QueryAsync<int>("SELECT starts::int FROM vq.chunks ORDER BY chunk_no")).ShouldBe([0, 1, 0]);
        (await _database.QueryAsync<string>("SELECT outcome FROM vq.chunk_attempts WHERE chunk_no = @ChunkNo", second)).ShouldBe(["lost"]);
    }

    [Fact]
    public async Task Start_Repeated_CountsOnce()
    {
        ClaimedGroup group = await ClaimPlannedAsync(1);

        PlannedChunk chunk = await StartAsync(group, 0);
        (await Ledger.StartChunkAsync(group, chunk, default)).ShouldBeTrue();

        (await _database.QueryAsync<int>("SELECT starts::int FROM vq.chunks")).ShouldBe([1]);
    }

    [Fact]
    public async Task Release_WithChunksInFlight_LeavesNoEvidence()
    {
        ClaimedGroup group = await ClaimPlannedAsync(2);
        await _database.StartAsync(group);

        await Ledger.ReleaseAsync(group, TimeSpan.Zero, default);
        await _database.ClaimOneAsync(_worker);
        SweepReport report = await _database.ExpireAsync();

        report.ExpiredLeases.ShouldBe(1);
        report.Found.ShouldBe(new TakenBack(0, 0, 0));
        (await LostStartsAsync()).ShouldBe([0, 0]);
    }

    [Fact]
    public async Task Sweep_HolderBeatsOn_TakesTheLeaseBackWithoutBlame()
    {
        ClaimedGroup group = await ClaimPlannedAsync(1);
        await StartAsync(group, 0);
        await _database.ExecuteAsync("UPDATE vq.work SET lease_until = now() - interval '1 second'");
        await Ledger.HeartbeatAsync(_worker, [], LedgerDatabase.LeaseTime, default);

        SweepReport report = await Ledger.SweepAsync(default);

        report.ExpiredLeases.ShouldBe(1);
        (await LostStartsAsync()).ShouldBe([0]);
        (await _database.CountAsync("vq.work WHERE lost_count = 0")).ShouldBe(1);
    }

    [Fact]
    public async Task ReadOpen_AfterALostStart_NamesTheSuspect()
    {
        ClaimedGroup group = await ClaimPlannedAsync(2);
        await StartAsync(group, 1);
        await _database.ExpireAsync();

        IReadOnlyList<OpenChunk> open = await Ledger.ReadOpenChunksAsync(await _database.ClaimOneAsync(_worker), default);

        open.Select(chunk => chunk.History.IsSuspect).ShouldBe([false, true]);
    }

    [Fact]
    public async Task Sweep_SecondLostStart_MovesTheChunkAloneToQuarantine()
    {
        Guid jobId = await LoseTwiceAsync(3, 1);

        (await _database.CountAsync(QuarantineGroups)).ShouldBe(1);
        (await _database.QueryAsync<int>("SELECT group_no FROM vq.chunks ORDER BY chunk_no")).ShouldBe([1, Quarantine.FirstGroupNo + 1, 1]);
        ClaimedGroup rest = await _database.ClaimOneAsync(_worker);
        rest.GroupNo.ShouldBe(1);
        foreach (PlannedChunk chunk in await _database.StartAsync(rest))
        {
            chunk.ChunkNo.ShouldNotBe(1);
            await Ledger.CompleteChunkAsync(rest, chunk, LedgerDatabase.PageResult(chunk), default);
        }

        await Ledger.FinishGroupAsync(rest, default);
        (await _database.CountAsync("vq.work")).ShouldBe(1);
        (await _database.JobAsync(jobId)).State.ShouldBe(JobState.Running);
    }

    [Fact]
    public async Task Sweep_Again_MovesNothingTwice()
    {
        await LoseTwiceAsync(2, 0);

        (await Ledger.SweepAsync(default)).ExpiredLeases.ShouldBe(0);
        await _database.ExpireAsync();

        (await _database.CountAsync(QuarantineGroups)).ShouldBe(1);
        (await LostStartsAsync()).ShouldBe([2, 0]);
    }

    [Fact]
    public async Task OldHolder_ChunkIsInQuarantine_CannotEndIt()
    {
        ClaimedGroup old = await ClaimPlannedAsync(1);
        PlannedChunk chunk = await StartAsync(old, 0);
        await _database.ExecuteAsync("UPDATE vq.chunks SET lost_starts = 1");
        await _database.ExpireAsync();

        (await Ledger.CompleteChunkAsync(old, chunk, LedgerDatabase.PageResult(chunk), default)).ShouldBe(ChunkEnd.Superseded);

        (await _database.CountAsync("vq.pages")).ShouldBe(0);
    }

    [Fact]
    public async Task Quarantined_EndsWell_TheJobSucceeds()
    {
        Guid jobId = await LoseTwiceAsync(1, 0);
        ClaimedGroup group = await ClaimQuarantinedAsync();
        PlannedChunk chunk = (await _database.StartAsync(group)).ShouldHaveSingleItem();

        (await Ledger.CompleteChunkAsync(group, chunk, LedgerDatabase.PageResult(chunk), default)).ShouldBe(ChunkEnd.JobFinished);
        await Ledger.FinishGroupAsync(group, default);

        (await _database.JobAsync(jobId)).State.ShouldBe(JobState.Succeeded);
        (await _database.QueryAsync<string>("SELECT outcome FROM vq.chunk_attempts ORDER BY fence")).ShouldBe(["lost", "lost", "succeeded"]);
    }

    [Fact]
    public async Task Quarantined_TwoMoreLostStarts_IsADeadLetterAndTheJobGoesOn()
    {
        Guid jobId = await LoseTwiceAsync(2, 0);
        await LoseInQuarantineAsync();
        (await _database.QueryAsync<string>("SELECT outcome FROM vq.chunks WHERE chunk_no = 0 AND outcome IS NOT NULL")).ShouldBeEmpty();

        SweepReport report = await LoseInQuarantineAsync();

        report.Found.ShouldBe(new TakenBack(1, 0, 1));
        (await _database.QueryAsync<string>("SELECT error_code FROM vq.chunks WHERE outcome = 'failed'")).ShouldBe([ErrorCodes.Crash]);
        (await _database.CountAsync("vq.dead_letters WHERE source = 'chunk' AND error_code = 'crash' AND attempts = 4 AND tenant_id = 7 AND chunk_no = 0")).ShouldBe(1);
        (await _database.CountAsync("vq.dead_letter_audit WHERE action = 'recorded'")).ShouldBe(1);
        (await _database.CountAsync("vq.outbox WHERE message_type = 'ChunkDeadLettered' AND body->>'code' = 'crash'")).ShouldBe(1);
        (await _database.CountAsync(QuarantineGroups)).ShouldBe(0);
        ClaimedGroup rest = await _database.ClaimOneAsync(_worker);
        PlannedChunk chunk = (await _database.StartAsync(rest)).ShouldHaveSingleItem();
        (await Ledger.CompleteChunkAsync(rest, chunk, LedgerDatabase.PageResult(chunk), default)).ShouldBe(ChunkEnd.JobFinished);
        (await _database.JobAsync(jobId)).State.ShouldBe(JobState.Partial);
    }

    [Fact]
    public async Task Crashed_LastOfItsStage_ReleasesTheNext()
    {
        JobPlan plan = LedgerDatabase.Plan(1, reduce: true);
        await _database.SubmitPlannedAsync("a", plan, _worker);
        await LoseAsync(0);
        await LoseAsync(0);
        await LoseInQuarantineAsync();
        await LoseInQuarantineAsync();

        ClaimedGroup left = await _database.ClaimOneAsync(_worker);
        (await _database.StartAsync(left)).ShouldBeEmpty();
        await Ledger.FinishGroupAsync(left, default);
        (await _database.ClaimOneAsync(_worker)).GroupNo.ShouldBe(2);
    }

    [Fact]
    public async Task ReleaseLost_EngineStopped_CountsAndConcludesLikeACrash()
    {
        ClaimedGroup first = await ClaimPlannedAsync(2);
        await StartAsync(first, 0);
        (await Ledger.ReleaseLostAsync(first, TimeSpan.Zero, default)).ShouldBe(new TakenBack(1, 0, 0));
        ClaimedGroup second = await _database.ClaimOneAsync(_worker);
        await StartAsync(second, 0);

        TakenBack found = await Ledger.ReleaseLostAsync(second, TimeSpan.Zero, default);

        found.ShouldBe(new TakenBack(1, 1, 0));
        (await LostStartsAsync()).ShouldBe([2, 0]);
        (await _database.CountAsync(QuarantineGroups)).ShouldBe(1);
        (await Ledger.ReleaseLostAsync(second, TimeSpan.Zero, default)).ShouldBe(default);
    }

    [Fact]
    public async Task Planning_LosesItsWorkers_GoesToQuarantineAndThenFailsTheJob()
    {
        Guid jobId = await _database.SubmitAsync("a");
        for (int losses = 0; losses < Quarantine.FinalLosses; losses++)
        {
            (await _database.CountAsync(QuarantineGroups)).ShouldBe(losses >= Quarantine.EntryLosses ? 1 : 0);
            await _database.ExecuteAsync("UPDATE vq.work SET lease_until = now(), lease_owner = @Worker, fence = fence + 1", new { Worker = _worker });
            await _database.ExpireAsync();
        }

        JobRecord job = await _database.JobAsync(jobId);
        job.State.ShouldBe(JobState.Failed);
        job.Error.ShouldNotBeNull().Code.ShouldBe(ErrorCodes.Crash);
        (await _database.CountAsync("vq.work")).ShouldBe(0);
        (await _database.FinalEventsAsync(jobId)).ShouldBe([nameof(JobFailed)]);
    }

    [Fact]
    public async Task NeedsWorker_ReadyGroup_UntilAWorkerOfTheLaneIsThere()
    {
        var quarantine = new PostgresQuarantine(_database.Source);
        TimeSpan silence = TimeSpan.FromMinutes(1);
        (await quarantine.NeedsWorkerAsync(silence, default)).ShouldBeFalse();
        await LoseTwiceAsync(1, 0);
        (await quarantine.IsReadyAsync(default)).ShouldBeTrue();
        (await quarantine.NeedsWorkerAsync(silence, default)).ShouldBeTrue();

        await Ledger.RegisterWorkerAsync(new WorkerIdentity("host", 2, "1.0", 1, [Lanes.Quarantine]), default);
        (await quarantine.NeedsWorkerAsync(silence, default)).ShouldBeFalse();
        await _database.ExecuteAsync("UPDATE vq.workers SET beat_at = now() - interval '2 minutes'");
        (await quarantine.NeedsWorkerAsync(silence, default)).ShouldBeTrue();

        await ClaimQuarantinedAsync();
        (await quarantine.IsReadyAsync(default)).ShouldBeFalse();
    }

    [Fact]
    public async Task Cancel_WithAQuarantinedChunk_EndsTheJob()
    {
        Guid jobId = await LoseTwiceAsync(2, 0);

        (await Ledger.RequestCancelAsync(LedgerDatabase.Tenant, jobId, null, default)).ShouldBeTrue();

        (await _database.JobAsync(jobId)).State.ShouldBe(JobState.Cancelled);
        (await _database.CountAsync("vq.dead_letters")).ShouldBe(0);
    }

    private async Task<ClaimedGroup> ClaimPlannedAsync(int pages)
    {
        await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(pages, pagesPerGroup: pages), _worker);
        return await _database.ClaimOneAsync(_worker);
    }

    private async Task<PlannedChunk> StartAsync(ClaimedGroup group, int chunkNo)
    {
        PlannedChunk chunk = (await Ledger.ReadOpenChunksAsync(group, default)).Single(open => open.Chunk.ChunkNo == chunkNo).Chunk;
        (await Ledger.StartChunkAsync(group, chunk, default)).ShouldBeTrue();
        return chunk;
    }

    private async Task<SweepReport> LoseAsync(int chunkNo)
    {
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        await StartAsync(group, chunkNo);
        return await _database.ExpireAsync();
    }

    /// <summary>A job of one group, of which one chunk has lost two starts.</summary>
    private async Task<Guid> LoseTwiceAsync(int pages, int chunkNo)
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(pages, pagesPerGroup: pages), _worker);
        await LoseAsync(chunkNo);
        (await LoseAsync(chunkNo)).Found.ShouldBe(new TakenBack(1, 1, 0));
        return jobId;
    }

    private async Task<SweepReport> LoseInQuarantineAsync()
    {
        await _database.StartAsync(await ClaimQuarantinedAsync());
        return await _database.ExpireAsync();
    }

    private async Task<ClaimedGroup> ClaimQuarantinedAsync() =>
        (await Ledger.ClaimAsync(_worker, new ClaimLimits(1, 1, [Lanes.Quarantine]), LedgerDatabase.LeaseTime, default)).ShouldHaveSingleItem();

    private Task<IReadOnlyList<int>> LostStartsAsync() => _database.QueryAsync<int>("SELECT lost_starts::int FROM vq.chunks ORDER BY chunk_no");
}
