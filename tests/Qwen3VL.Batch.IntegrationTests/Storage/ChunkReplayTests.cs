using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

[Collection(PostgresServer.Collection)]
public sealed class ChunkReplayTests(PostgresServer server) : IAsyncLifetime
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
    public async Task Replay_ChunksOfOneJob_MakesOneFollowUpAndLeavesTheJobAsItWas()
    {
        Guid jobId = await _jobs.PartialJobAsync("a", failed: [1, 3]);
        JobRecord before = await _database.JobAsync(jobId);
        Guid[] ids = [await _jobs.DieAsync(jobId, 1), await _jobs.DieAsync(jobId, 3)];

        IReadOnlyList<ReplayedLetter> outcomes = await _database.DeadLetters.ReplayAsync(ReplayedJobs.Replay(ids) with { Changes = new ReplayChanges { Dpi = 300, Seed = 5 } }, default);

        outcomes.Select(outcome => outcome.Verdict).ShouldBe([ReplayVerdict.Replayed, ReplayVerdict.Replayed]);
        Guid followUp = outcomes.Select(outcome => outcome.FollowUpJobId.GetValueOrDefault()).Distinct().ShouldHaveSingleItem();
        JobRecord job = await _database.JobAsync(followUp);
        (job.ReplayOf, job.State, job.Priority).ShouldBe((jobId, JobState.Accepted, before.Priority));
        job.ReplayChunks.ShouldBe([1, 3]);
        (job.Options.Dpi, job.Options.Seed).ShouldBe((300, 5L));
        job.Source.Sha256.ShouldBe(LedgerDatabase.Facts.Sha256);
        job.IdempotencyKey.ShouldStartWith("replay:");
        (await _database.JobAsync(jobId)).ShouldBeEquivalentTo(before);
        (await _database.QueryAsync<string>("SELECT message_type FROM vq.outbox WHERE job_id = @followUp", new { followUp })).ShouldBe([nameof(JobAccepted)]);
        (await _database.CountAsync($"vq.dead_letters WHERE status = 'replayed' AND replay_job_id = '{followUp}'")).ShouldBe(2);
        (await _database.CountAsync("vq.dead_letter_audit WHERE action = 'replayed' AND detail->'changes'->>'dpi' = '300'")).ShouldBe(2);
        (await _database.ClaimOneAsync(_worker)).ShouldBe(new ClaimedGroup(followUp, 0, 1, _worker));
    }

    [Fact]
    public async Task Replay_FollowUpOfASummary_ReadsItsOwnPartsFirstAndTheRestFromTheJob()
    {
        Guid jobId = await _jobs.PartialJobAsync("a", failed: [1], reduce: true);
        Guid followUp = await _jobs.FollowUpAsync(jobId, 1);
        ClaimedGroup planning = await _database.ClaimOneAsync(_worker);
        JobRecord job = (await _database.Ledger.ReadJobAsync(followUp, default)).ShouldNotBeNull();

        IReadOnlyList<PlannedChunk> planned = await _database.Ledger.ReadPlannedChunksAsync(jobId, default);
        IReadOnlyList<PlannedGroup> groups = ReplayPlan.Groups(job, planned, 8);
        groups.SelectMany(group => group.Chunks).Select(chunk => chunk.ChunkNo).ShouldBe([1, 4]);
        (await _database.Ledger.CommitPlanAsync(planning, new JobPlan(LedgerDatabase.Facts, groups), default)).ShouldBeTrue();
        await _jobs.CompleteNextAsync("anew");

        // Stage 1 is ready when the chunk that was done anew has ended; it reads all four parts.
        ClaimedGroup reduce = await _database.ClaimOneAsync(_worker);
        (await _database.StartAsync(reduce)).ShouldHaveSingleItem().Kind.ShouldBe(ChunkKind.Reduce);
        (await _database.Ledger.ReadSummaryPartsAsync(followUp, 0, 0, 3, default)).Select(part => part.Text)
            .ShouldBe(["part first", "part anew", "part first", "part first"]);
        (await _database.Ledger.ReadSummaryPartsAsync(jobId, 0, 0, 3, default)).Count.ShouldBe(3);
        (await _database.JobAsync(followUp)).LastChunkNo.ShouldBe(4);
    }

    [Fact]
    public async Task ReadWindowEvents_FollowUp_TakesEachWindowFromItsLastDoing()
    {
        Guid jobId = await _jobs.PartialJobAsync("a", failed: [1], events: true);
        Guid followUp = await _jobs.FollowUpAsync(jobId, 1);
        ClaimedGroup planning = await _database.ClaimOneAsync(_worker);
        PlannedChunk chunk = new(1, ChunkKind.Pages, 0, 2, 2);
        (await _database.Ledger.CommitPlanAsync(planning, new JobPlan(LedgerDatabase.Facts, [new PlannedGroup(1, 0, [chunk])]), default)).ShouldBeTrue();
        await _jobs.CompleteNextAsync("anew", events: true);

        IReadOnlyList<SegmentResult> events = await _database.Ledger.ReadWindowEventsAsync(followUp, default);

        events.Select(seen => seen.Text).ShouldBe(["first 0", "anew 1", "first 2", "first 3"]);
        (await _database.Ledger.ReadWindowEventsAsync(jobId, default)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Replay_WorkThatFailsEachTime_IsRefusedAfterTheLimitUnlessForced()
    {
        Guid letter = await _jobs.DieAsync(await _jobs.PartialJobAsync("a", failed: [1]), 1);
        for (int replays = 0; replays < DeadLetterReplay.MaxReplays; replays++)
        {
            Guid followUp = (await _database.DeadLetters.ReplayAsync(ReplayedJobs.Replay([letter]), default)).ShouldHaveSingleItem().FollowUpJobId.GetValueOrDefault();
            await _jobs.PlanAsync(new PlannedChunk(1, ChunkKind.Pages, 0, 2, 2));
            await _jobs.EndNextAsync(succeeds: false);
            letter = (await _database.QueryAsync<Guid>("SELECT id FROM vq.dead_letters WHERE job_id = @followUp", new { followUp })).ShouldHaveSingleItem();
        }

        (await _database.DeadLetters.ReplayAsync(ReplayedJobs.Replay([letter]), default)).ShouldHaveSingleItem().Verdict.ShouldBe(ReplayVerdict.TooOften);
        (await _database.DeadLetters.ReplayAsync(ReplayedJobs.Replay([letter]) with { Force = true }, default)).ShouldHaveSingleItem().Verdict.ShouldBe(ReplayVerdict.Replayed);
    }

    [Fact]
    public async Task Replay_BasisOfTheBasisIsGone_IsRefusedAndLeavesTheLetterOpen()
    {
        Guid jobId = await _jobs.PartialJobAsync("a", failed: [1]);
        Guid followUp = await _jobs.FollowUpAsync(jobId, 1);
        await _database.ExecuteAsync("UPDATE vq.jobs SET state = 'failed', finished_at = now() WHERE id = @followUp", new { followUp });
        Guid letter = await _jobs.DieAsync(followUp, 1);
        await _database.ExecuteAsync("DELETE FROM vq.jobs WHERE id = @jobId", new { jobId });

        (await _database.DeadLetters.ReplayAsync(ReplayedJobs.Replay([letter]), default)).ShouldHaveSingleItem().Verdict.ShouldBe(ReplayVerdict.JobGone);

        (await _database.CountAsync($"vq.dead_letters WHERE id = '{letter}' AND status = 'open' AND replay_count = 0")).ShouldBe(1);
    }

    [Fact]
    public async Task Replay_MonthOfTheJobIsBeingDropped_IsRefused()
    {
        Guid letter = await _jobs.DieAsync(await _jobs.PartialJobAsync("a", failed: [1]), 1);
        await _database.ExecuteAsync("INSERT INTO vq.dropped_months (month) VALUES (date_trunc('month', now() AT TIME ZONE 'UTC'))");

        (await _database.DeadLetters.ReplayAsync(ReplayedJobs.Replay([letter]), default)).ShouldHaveSingleItem().Verdict.ShouldBe(ReplayVerdict.JobGone);
    }

    [Fact]
    public async Task Replay_SameIdsAtTheSameTime_MakesOneFollowUp()
    {
        Guid jobId = await _jobs.PartialJobAsync("a", failed: [1, 3]);
        Guid[] ids = [await _jobs.DieAsync(jobId, 1), await _jobs.DieAsync(jobId, 3)];

        IReadOnlyList<ReplayedLetter>[] outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _database.DeadLetters.ReplayAsync(ReplayedJobs.Replay(ids), default)));

        outcomes.SelectMany(each => each).Count(outcome => outcome.Verdict == ReplayVerdict.Replayed).ShouldBe(2);
        (await _database.CountAsync("vq.jobs WHERE replay_of IS NOT NULL")).ShouldBe(1);
    }

    [Fact]
    public async Task Replay_SameReplayIdAgain_MakesNoSecondFollowUp()
    {
        Guid jobId = await _jobs.PartialJobAsync("a", failed: [1, 3]);
        DeadLetterReplay replay = ReplayedJobs.Replay([await _jobs.DieAsync(jobId, 1)]);
        _ = await _database.DeadLetters.ReplayAsync(replay, default);
        Guid late = await _jobs.DieAsync(jobId, 3);

        IReadOnlyList<ReplayedLetter> again = await _database.DeadLetters.ReplayAsync(replay with { Query = replay.Query with { Ids = [late] } }, default);

        again.ShouldHaveSingleItem().Verdict.ShouldBe(ReplayVerdict.AlreadyReplayed);
        (await _database.CountAsync("vq.jobs WHERE replay_of IS NOT NULL")).ShouldBe(1);
        (await _database.CountAsync($"vq.dead_letters WHERE id = '{late}' AND status = 'open' AND replay_count = 0")).ShouldBe(1);
    }

    [Fact]
    public async Task Replay_DryRun_SaysWhatWouldHappenAndWritesNothing()
    {
        Guid jobId = await _jobs.PartialJobAsync("a", failed: [1]);
        Guid id = await _jobs.DieAsync(jobId, 1);

        (await _database.DeadLetters.ReplayAsync(ReplayedJobs.Replay([id]) with { DryRun = true }, default)).ShouldHaveSingleItem().Verdict.ShouldBe(ReplayVerdict.WouldReplay);

        (await _database.CountAsync("vq.jobs")).ShouldBe(1);
        (await _database.CountAsync("vq.dead_letters WHERE status = 'open'")).ShouldBe(1);
        (await _database.CountAsync("vq.dead_letter_audit WHERE action <> 'recorded'")).ShouldBe(0);
    }

    [Fact]
    public async Task Replay_ChangesThatDoNotFit_AreNamedAndNothingIsDone()
    {
        Guid id = await _jobs.DieAsync(await _jobs.PartialJobAsync("a", failed: [1]), 1);

        ReplayedLetter outcome = (await _database.DeadLetters.ReplayAsync(ReplayedJobs.Replay([id]) with { Changes = new ReplayChanges { Dpi = 10 } }, default)).ShouldHaveSingleItem();

        outcome.Verdict.ShouldBe(ReplayVerdict.InvalidChanges);
        outcome.Reason.ShouldNotBeNull().ShouldContain("options.dpi must be 36..600; got 10");
        (await _database.CountAsync("vq.dead_letters WHERE status = 'open'")).ShouldBe(1);
    }

    [Fact]
    public async Task Replay_JobNotEndedOrGone_StaysOpen()
    {
        Guid running = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(2), _worker);
        Guid[] ids = [await _jobs.DieAsync(running, 0), await _jobs.DieAsync(new Guid("01890000-0000-7000-8000-000000000001"), 0)];

        IReadOnlyList<ReplayedLetter> outcomes = await _database.DeadLetters.ReplayAsync(ReplayedJobs.Replay(ids), default);

        outcomes.Select(outcome => outcome.Verdict).ShouldBe([ReplayVerdict.JobOpen, ReplayVerdict.JobGone], ignoreOrder: true);
        (await _database.CountAsync("vq.dead_letters WHERE status = 'open'")).ShouldBe(2);
    }

    [Fact]
    public async Task Replay_FailsInTheMiddle_IsRolledBackWhole()
    {
        Guid id = await _jobs.DieAsync(await _jobs.PartialJobAsync("a", failed: [1]), 1);
        await _database.ExecuteAsync("ALTER TABLE vq.dead_letter_audit ADD CONSTRAINT no_replays CHECK (action <> 'replayed')");

        _ = await Should.ThrowAsync<Npgsql.PostgresException>(() => _database.DeadLetters.ReplayAsync(ReplayedJobs.Replay([id]), default));

        (await _database.CountAsync("vq.jobs WHERE replay_of IS NOT NULL")).ShouldBe(0);
        (await _database.CountAsync("vq.idempotency_keys")).ShouldBe(1);
        (await _database.CountAsync("vq.dead_letters WHERE status = 'open' AND replay_count = 0")).ShouldBe(1);
        (await _database.CountAsync("vq.work")).ShouldBe(0);
    }

    [Fact]
    public async Task Replay_ManyUnits_KeepsToItsRate()
    {
        Guid[] jobs = new Guid[4];
        for (int no = 0; no < jobs.Length; no++)
        {
            jobs[no] = await _jobs.PartialJobAsync($"job {no}", failed: [1]);
        }

        Guid[] ids = await Task.WhenAll(jobs.Select(job => _jobs.DieAsync(job, 1)));

        var time = new TestKit.ManualTime();
        var deadLetters = new PostgresDeadLetters(_database.Source, new PlanningOptions(), time);
        Task<IReadOnlyList<ReplayedLetter>> replay = deadLetters.ReplayAsync(ReplayedJobs.Replay(ids) with { PerSecond = 0.5 }, default);
        for (int done = 1; done < ids.Length; done++)
        {
            await TestKit.Eventually.TrueAsync(() => Task.FromResult(time.ArmedTimers > 0), TimeSpan.FromSeconds(30), "the pause");
            (await _database.CountAsync("vq.jobs WHERE replay_of IS NOT NULL")).ShouldBe(done);
            time.Advance(TimeSpan.FromSeconds(2));
        }

        (await replay).ShouldAllBe(outcome => outcome.Verdict == ReplayVerdict.Replayed);
    }
}
