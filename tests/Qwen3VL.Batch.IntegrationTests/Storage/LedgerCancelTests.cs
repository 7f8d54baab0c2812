using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

[Collection(PostgresServer.Collection)]
public sealed class LedgerCancelTests(PostgresServer server) : IAsyncLifetime
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
    public async Task FailChunk_JobIsBeingCancelled_MakesNoDeadLetter()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(2, pagesPerGroup: 2), _worker);
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        PlannedChunk chunk = (await _database.StartAsync(group))[0];
        (await _database.Ledger.RequestCancelAsync(LedgerDatabase.Tenant, jobId, null, default)).ShouldBeTrue();

        (await _database.Ledger.FailChunkAsync(group, chunk, LedgerDatabase.Broken, new ChunkResult(), default)).ShouldBe(ChunkEnd.Recorded);

        (await _database.CountAsync("vq.dead_letters")).ShouldBe(0);
    }

    [Fact]
    public async Task Cancel_NothingLeased_EndsAtOnceWithOneEvent()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(3, reduce: true), _worker);

        (await CancelAsync(jobId)).ShouldBeTrue();
        (await CancelAsync(jobId)).ShouldBeFalse();

        (await _database.JobAsync(jobId)).State.ShouldBe(JobState.Cancelled);
        (await _database.FinalEventsAsync(jobId)).ShouldBe([nameof(JobCancelled)]);
        (await _database.CountAsync("vq.work")).ShouldBe(0);
        (await _database.CountAsync("vq.chunks WHERE outcome = 'cancelled'")).ShouldBe(4);
        (await _database.Ledger.SweepAsync(default)).CancelledJobs.ShouldBe(0);
    }

    [Fact]
    public async Task Cancel_LeasedGroup_HolderLearnsItAndItsFinishedChunksAreKept()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(3, pagesPerGroup: 3), _worker);
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        IReadOnlyList<PlannedChunk> chunks = await _database.StartAsync(group);
        await _database.Ledger.CompleteChunkAsync(group, chunks[0], LedgerDatabase.PageResult(chunks[0]), default);

        (await CancelAsync(jobId)).ShouldBeTrue();
        (await CancelAsync(jobId)).ShouldBeTrue();

        (await _database.JobAsync(jobId)).State.ShouldBe(JobState.Cancelling);
        (await _database.Ledger.HeartbeatAsync(_worker, [group.Key], LedgerDatabase.LeaseTime, default)).Leases.ShouldBe([new RenewedLease(group.Key, true)]);

        // A chunk that ends between the request and the holder's giving up is kept.
        (await _database.Ledger.CompleteChunkAsync(group, chunks[1], LedgerDatabase.PageResult(chunks[1]), default)).ShouldBe(ChunkEnd.Recorded);
        await _database.Ledger.FinishGroupAsync(group, default);

        JobRecord job = await _database.JobAsync(jobId);
        (job.State, job.DoneChunks, job.FailedChunks).ShouldBe((JobState.Cancelled, 2, 0));
        (await _database.FinalEventsAsync(jobId)).ShouldBe([nameof(JobCancelled)]);
        (await _database.CountAsync("vq.usage_records WHERE billable")).ShouldBe(2);
    }

    [Fact]
    public async Task EndCancelled_LastGroupGoesAfterItsChunksWereLookedAt_LeavesTheJobToWhoDeletedIt()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(2, pagesPerGroup: 2), _worker);
        _ = await _database.ClaimOneAsync(_worker);
        await CancelAsync(jobId);
        var job = new { JobId = jobId };
        await using (LedgerSession early = await LedgerSession.BeginAsync(_database.Source, default))
        {
            (await early.ExecuteAsync(SweepSql.CancelChunks, job)).ShouldBe(0);
            await _database.ExecuteAsync("DELETE FROM vq.work WHERE job_id = @JobId", job);

            (await early.FindAsync<JobCounts>(SweepSql.EndCancelled, job)).ShouldBeNull();
        }

        (await _database.Ledger.SweepAsync(default)).CancelledJobs.ShouldBe(1);
        (await _database.CountAsync("vq.chunks WHERE outcome = 'cancelled'")).ShouldBe(2);
    }

    [Fact]
    public async Task Cancel_HolderDies_TheSweepEndsTheJob()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(1), _worker);
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        await CancelAsync(jobId);

        (await _database.ExpireAsync()).ShouldBe(new SweepReport(1, 1, 0));

        (await _database.JobAsync(jobId)).State.ShouldBe(JobState.Cancelled);
        await _database.Ledger.FinishGroupAsync(group, default);
        (await _database.FinalEventsAsync(jobId)).ShouldBe([nameof(JobCancelled)]);
    }

    [Fact]
    public async Task Cancel_ProcessDiedBetweenItsHalves_TheSweepDoesTheSecond()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(2), _worker);
        await _database.ExecuteAsync("UPDATE vq.jobs SET state = 'cancelling', cancel_at = now()");

        (await _database.Ledger.SweepAsync(default)).CancelledJobs.ShouldBe(1);

        (await _database.JobAsync(jobId)).State.ShouldBe(JobState.Cancelled);
    }

    [Fact]
    public async Task Cancel_WhilePlanning_ThePlanIsRefusedAndTheJobEnds()
    {
        Guid jobId = await _database.SubmitAsync("a");
        ClaimedGroup planning = await _database.ClaimOneAsync(_worker);
        await CancelAsync(jobId);

        (await _database.Ledger.CommitPlanAsync(planning, LedgerDatabase.Plan(2), default)).ShouldBeFalse();

        (await _database.JobAsync(jobId)).State.ShouldBe(JobState.Cancelled);
        (await _database.CountAsync("vq.chunks")).ShouldBe(0);
        (await _database.CountAsync("vq.work")).ShouldBe(0);
    }

    [Fact]
    public async Task Cancel_WhilePlanningFails_TheJobEndsCancelled()
    {
        Guid jobId = await _database.SubmitAsync("a");
        ClaimedGroup planning = await _database.ClaimOneAsync(_worker);
        await CancelAsync(jobId);

        (await _database.Ledger.FailJobAsync(planning, LedgerDatabase.Broken, default)).ShouldBeFalse();

        (await _database.JobAsync(jobId)).State.ShouldBe(JobState.Cancelled);
        (await _database.FinalEventsAsync(jobId)).ShouldBe([nameof(JobCancelled)]);
    }

    [Fact]
    public async Task Cancel_FinishedOrForeignJob_ChangesNothing()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(1), _worker);
        (await _database.Ledger.RequestCancelAsync(LedgerDatabase.Tenant + 1, jobId, null, default)).ShouldBeFalse();
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        PlannedChunk chunk = (await _database.StartAsync(group))[0];
        await _database.Ledger.CompleteChunkAsync(group, chunk, LedgerDatabase.PageResult(chunk), default);

        (await CancelAsync(jobId)).ShouldBeFalse();
        (await CancelAsync(Guid.Empty)).ShouldBeFalse();

        (await _database.JobAsync(jobId)).State.ShouldBe(JobState.Succeeded);
        (await _database.FinalEventsAsync(jobId)).ShouldBe([nameof(JobSucceeded)]);
    }

    [Fact]
    public async Task Cancel_RacesWithTheLastChunk_OneFinalStateAndNoDeadlock()
    {
        for (int round = 0; round < 30; round++)
        {
            // With a second stage, which nobody has claimed, the cancel always wins; without, either may.
            bool reduce = round % 2 == 0;
            Guid jobId = await _database.SubmitPlannedAsync($"race {round}", LedgerDatabase.Plan(4, reduce: reduce), _worker);
            IReadOnlyList<ClaimedGroup> groups = await _database.Ledger.ClaimAsync(_worker, 10, LedgerDatabase.LeaseTime, default);

            await Task.WhenAll(
                [
                    .. groups.Select(CompleteAsync),
                    _database.Ledger.HeartbeatAsync(_worker, [.. groups.Select(group => group.Key)], LedgerDatabase.LeaseTime, default),
                    CancelAsync(jobId),
                    _database.Ledger.SweepAsync(default),
                ]);
            await _database.Ledger.SweepAsync(default);

            JobRecord job = await _database.JobAsync(jobId);
            bool cancelled = job.State == JobState.Cancelled;
            (cancelled || (!reduce && job.State == JobState.Succeeded)).ShouldBeTrue($"round {round}: {job.State}");
            (await _database.FinalEventsAsync(jobId)).ShouldBe([cancelled ? nameof(JobCancelled) : nameof(JobSucceeded)]);
            (await _database.CountAsync("vq.work")).ShouldBe(0);
            (await _database.CountAsync($"vq.chunks WHERE job_id = '{jobId}' AND outcome = 'succeeded'")).ShouldBe(job.DoneChunks);
        }
    }

    [Fact]
    public async Task Sweep_DeadlinePassedWithSomeResults_JobIsPartialAndHoldersAreRefused()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(3, pagesPerGroup: 3, reduce: true), _worker);
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        IReadOnlyList<PlannedChunk> chunks = await _database.StartAsync(group);
        await _database.Ledger.CompleteChunkAsync(group, chunks[0], LedgerDatabase.PageResult(chunks[0]), default);
        await _database.ExecuteAsync("UPDATE vq.jobs SET deadline_at = now() - interval '1 second'");

        (await _database.Ledger.SweepAsync(default)).ShouldBe(new SweepReport(0, 0, 1));

        (await _database.Ledger.CompleteChunkAsync(group, chunks[1], LedgerDatabase.PageResult(chunks[1]), default)).ShouldBe(ChunkEnd.Superseded);
        (await _database.Ledger.HeartbeatAsync(_worker, [group.Key], LedgerDatabase.LeaseTime, default)).Leases.ShouldBeEmpty();
        JobRecord job = await _database.JobAsync(jobId);
        (job.State, job.DoneChunks, job.FailedChunks, job.Error?.Code).ShouldBe((JobState.Partial, 1, 3, ErrorCodes.DeadlineExceeded));
        (await _database.FinalEventsAsync(jobId)).ShouldBe([nameof(JobPartial)]);
        (await _database.Ledger.SweepAsync(default)).OverdueJobs.ShouldBe(0);
    }

    [Fact]
    public async Task Sweep_DeadlinePassedBeforeThePlan_JobFailsAndThePlanIsRefused()
    {
        Guid jobId = await _database.SubmitAsync("a");
        ClaimedGroup planning = await _database.ClaimOneAsync(_worker);
        await _database.ExecuteAsync("UPDATE vq.jobs SET deadline_at = now() - interval '1 second'");

        (await _database.Ledger.SweepAsync(default)).OverdueJobs.ShouldBe(1);

        (await _database.Ledger.CommitPlanAsync(planning, LedgerDatabase.Plan(1), default)).ShouldBeFalse();
        JobRecord job = await _database.JobAsync(jobId);
        (job.State, job.Error?.Code).ShouldBe((JobState.Failed, ErrorCodes.DeadlineExceeded));
        (await _database.FinalEventsAsync(jobId)).ShouldBe([nameof(JobFailed)]);
    }

    private Task<bool> CancelAsync(Guid jobId) => _database.Ledger.RequestCancelAsync(LedgerDatabase.Tenant, jobId, "not needed", default);

    private async Task CompleteAsync(ClaimedGroup group)
    {
        foreach (PlannedChunk chunk in await _database.StartAsync(group))
        {
            await _database.Ledger.CompleteChunkAsync(group, chunk, LedgerDatabase.PageResult(chunk), default);
        }

        await _database.Ledger.FinishGroupAsync(group, default);
    }
}
