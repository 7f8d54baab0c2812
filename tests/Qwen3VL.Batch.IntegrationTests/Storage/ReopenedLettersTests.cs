using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

[Collection(PostgresServer.Collection)]
public sealed class ReopenedLettersTests(PostgresServer server) : IAsyncLifetime
{
    private LedgerDatabase _database = null!; // set before each test
    private ReplayedJobs _jobs = null!; // set before each test
    private long _worker;

    public async Task InitializeAsync()
    {
        _database = await LedgerDatabase.CreateAsync(server);
        _worker = await _database.WorkerAsync();
        _jobs = new ReplayedJobs(_database, _worker);
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task FailJob_FollowUpThatCannotBePlanned_ReopensItsLettersForAnotherReplay()
    {
        Guid jobId = await _jobs.PartialJobAsync("a", failed: [1]);
        Guid letter = await _jobs.DieAsync(jobId, 1);
        Guid followUp = (await _database.DeadLetters.ReplayAsync(ReplayedJobs.Replay([letter]), default)).ShouldHaveSingleItem().FollowUpJobId.GetValueOrDefault();

        (await _database.Ledger.FailJobAsync(await _database.ClaimOneAsync(_worker), new JobError(ErrorCodes.SourceNotFound, "source must exist"), default)).ShouldBeTrue();

        (await _database.CountAsync($"vq.dead_letters WHERE id = '{letter}' AND status = 'open' AND error_code = '{ErrorCodes.DecodeFailed}'")).ShouldBe(1);
        (await _database.CountAsync($"vq.dead_letter_audit WHERE action = 'reopened' AND detail->>'followUpJobId' = '{followUp}'")).ShouldBe(1);
        (await _database.DeadLetters.ReplayAsync(ReplayedJobs.Replay([letter]), default)).ShouldHaveSingleItem().Verdict.ShouldBe(ReplayVerdict.Replayed);
    }

    [Fact]
    public async Task FailJob_FollowUpThatIsBeingCancelled_ReopensItsLettersOnce()
    {
        Guid followUp = await _jobs.FollowUpAsync(await _jobs.PartialJobAsync("a", failed: [1]), 1);
        ClaimedGroup planning = await _database.ClaimOneAsync(_worker);
        (await _database.Ledger.RequestCancelAsync(LedgerDatabase.Tenant, followUp, null, default)).ShouldBeTrue();

        (await _database.Ledger.FailJobAsync(planning, LedgerDatabase.Broken, default)).ShouldBeFalse();
        _ = await _database.Ledger.SweepAsync(default);

        (await _database.JobAsync(followUp)).State.ShouldBe(JobState.Cancelled);
        (await _database.CountAsync("vq.dead_letters WHERE status = 'open'")).ShouldBe(1);
        (await _database.CountAsync($"vq.dead_letter_audit WHERE action = 'reopened' AND detail->>'followUpJobId' = '{followUp}'")).ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancel_FollowUpThatIsHalfDone_ReopensWhatNothingAnswersFor(bool succeeds)
    {
        Guid jobId = await _jobs.PartialJobAsync("a", failed: [1, 3]);
        Guid[] letters = [await _jobs.DieAsync(jobId, 1), await _jobs.DieAsync(jobId, 3)];
        Guid followUp = (await _database.DeadLetters.ReplayAsync(ReplayedJobs.Replay(letters), default))[0].FollowUpJobId.GetValueOrDefault();
        await _jobs.PlanAsync(new(1, ChunkKind.Pages, 0, 2, 2), new(3, ChunkKind.Pages, 0, 4, 4));
        await _jobs.EndNextAsync(succeeds);

        await CancelAsync(followUp);

        (await _database.QueryAsync<string>("SELECT status FROM vq.dead_letters WHERE job_id = @jobId ORDER BY chunk_no", new { jobId })).ShouldBe(["replayed", "open"]);
        (await _database.CountAsync($"vq.dead_letters WHERE job_id = '{followUp}' AND status = 'open'")).ShouldBe(succeeds ? 0 : 1);
    }

    [Fact]
    public async Task Cancel_FollowUpWithWindowsThatOverlap_ReopensOnlyTheOneThatIsNotDone()
    {
        Guid jobId = await _jobs.PartialJobAsync("a", failed: [1, 2]);
        await _database.ExecuteAsync("UPDATE vq.chunks SET kind = 'window', first_unit = chunk_no * 10, last_unit = chunk_no * 10 + 12 WHERE job_id = @jobId", new { jobId });
        Guid[] letters = [await _jobs.DieAsync(jobId, 1), await _jobs.DieAsync(jobId, 2)];
        Guid followUp = (await _database.DeadLetters.ReplayAsync(ReplayedJobs.Replay(letters), default))[0].FollowUpJobId.GetValueOrDefault();
        await _jobs.PlanAsync(new(1, ChunkKind.Window, 0, 10, 22), new(2, ChunkKind.Window, 0, 20, 32));
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        PlannedChunk chunk = (await _database.StartAsync(group)).ShouldHaveSingleItem();
        (await _database.Ledger.CompleteChunkAsync(group, chunk, new ChunkResult(), default)).ShouldNotBe(ChunkEnd.Superseded);

        await _database.Ledger.FinishGroupAsync(group, default);
        await CancelAsync(followUp);

        (await _database.QueryAsync<string>("SELECT status FROM vq.dead_letters ORDER BY chunk_no")).ShouldBe(["replayed", "open"]);
    }

    [Fact]
    public async Task Cancel_FollowUpThatCutTheChunk_ReopensItWhenOnePieceIsMissing()
    {
        Guid jobId = await _jobs.PartialJobAsync("a", failed: [1]);
        await _database.ExecuteAsync("UPDATE vq.chunks SET last_unit = 3 WHERE job_id = @jobId AND chunk_no = 1", new { jobId });
        Guid followUp = await _jobs.FollowUpAsync(jobId, 1);
        await _jobs.PlanAsync(new(1, ChunkKind.Pages, 0, 2, 2), new(4, ChunkKind.Pages, 0, 3, 3));
        await _jobs.EndNextAsync(succeeds: true);

        await CancelAsync(followUp);

        (await _database.CountAsync("vq.dead_letters WHERE status = 'open'")).ShouldBe(1);
    }

    [Fact]
    public async Task Planning_FollowUpLosesAllItsWorkers_ReopensItsLetters()
    {
        Guid followUp = await _jobs.FollowUpAsync(await _jobs.PartialJobAsync("a", failed: [1]), 1);
        for (int losses = 0; losses < Quarantine.FinalLosses; losses++)
        {
            await _database.ExecuteAsync("UPDATE vq.work SET lease_until = now(), lease_owner = @Worker, fence = fence + 1", new { Worker = _worker });
            await _database.ExpireAsync();
        }

        (await _database.JobAsync(followUp)).State.ShouldBe(JobState.Failed);
        (await _database.CountAsync("vq.dead_letters WHERE status = 'open'")).ShouldBe(1);
    }

    private async Task CancelAsync(Guid jobId)
    {
        (await _database.Ledger.RequestCancelAsync(LedgerDatabase.Tenant, jobId, null, default)).ShouldBeTrue();
        _ = await _database.Ledger.SweepAsync(default);
        (await _database.JobAsync(jobId)).State.ShouldBe(JobState.Cancelled);
    }
}
