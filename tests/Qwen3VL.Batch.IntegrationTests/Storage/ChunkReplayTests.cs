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
    private long _worker;

    public async Task InitializeAsync()
    {
        _database = await LedgerDatabase.CreateAsync(server);
        _worker = await _database.WorkerAsync();
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Replay_ChunksOfOneJob_MakesOneFollowUpAndLeavesTheJobAsItWas()
    {
        Guid jobId = await PartialJobAsync("a", failed: [1, 3]);
        JobRecord before = await _database.JobAsync(jobId);
        Guid[] ids = [await DieAsync(jobId, 1), await DieAsync(jobId, 3)];

        IReadOnlyList<ReplayedLetter> outcomes = await _database.DeadLetters.ReplayAsync(Replay(ids) with { Changes = new ReplayChanges { Dpi = 300, Seed = 5 } }, default);

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
        Guid jobId = await PartialJobAsync("a", failed: [1], reduce: true);
        Guid followUp = await FollowUpAsync(jobId, 1);
        ClaimedGroup planning = await _database.ClaimOneAsync(_worker);
        JobRecord job = (await _database.Ledger.ReadJobAsync(followUp, default)).ShouldNotBeNull();

        IReadOnlyList<PlannedChunk> planned = await _database.Ledger.ReadPlannedChunksAsync(jobId, default);
        IReadOnlyList<PlannedGroup> groups = ReplayPlan.Groups(job, planned, 8);
        groups.SelectMany(group => group.Chunks).Select(chunk => chunk.ChunkNo).ShouldBe([1, 4]);
        (await _database.Ledger.CommitPlanAsync(planning, new JobPlan(LedgerDatabase.Facts, groups), default)).ShouldBeTrue();
        await CompleteNextAsync("anew");

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
        Guid jobId = await PartialJobAsync("a", failed: [1], events: true);
        Guid followUp = await FollowUpAsync(jobId, 1);
        ClaimedGroup planning = await _database.ClaimOneAsync(_worker);
        PlannedChunk chunk = new(1, ChunkKind.Pages, 0, 2, 2);
        (await _database.Ledger.CommitPlanAsync(planning, new JobPlan(LedgerDatabase.Facts, [new PlannedGroup(1, 0, [chunk])]), default)).ShouldBeTrue();
        await CompleteNextAsync("anew", events: true);

        IReadOnlyList<SegmentResult> events = await _database.Ledger.ReadWindowEventsAsync(followUp, default);

        events.Select(seen => seen.Text).ShouldBe(["first 0", "anew 1", "first 2", "first 3"]);
        (await _database.Ledger.ReadWindowEventsAsync(jobId, default)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task FailJob_FollowUpThatCannotBePlanned_ReopensItsLettersForAnotherReplay()
    {
        Guid jobId = await PartialJobAsync("a", failed: [1]);
        Guid letter = await DieAsync(jobId, 1);
        Guid followUp = (await _database.DeadLetters.ReplayAsync(Replay([letter]), default)).ShouldHaveSingleItem().FollowUpJobId.GetValueOrDefault();

        (await _database.Ledger.FailJobAsync(await _database.ClaimOneAsync(_worker), new JobError(ErrorCodes.SourceNotFound, "source must exist"), default)).ShouldBeTrue();

        (await _database.CountAsync($"vq.dead_letters WHERE id = '{letter}' AND status = 'open' AND error_code = '{ErrorCodes.DecodeFailed}'")).ShouldBe(1);
        (await _database.CountAsync($"vq.dead_letter_audit WHERE action = 'reopened' AND detail->>'followUpJobId' = '{followUp}'")).ShouldBe(1);
        (await _database.DeadLetters.ReplayAsync(Replay([letter]), default)).ShouldHaveSingleItem().Verdict.ShouldBe(ReplayVerdict.Replayed);
    }

    [Fact]
    public async Task FailJob_FollowUpThatIsBeingCancelled_ReopensItsLettersOnce()
    {
        Guid followUp = await FollowUpAsync(await PartialJobAsync("a", failed: [1]), 1);
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
        Guid jobId = await PartialJobAsync("a", failed: [1, 3]);
        Guid[] letters = [await DieAsync(jobId, 1), await DieAsync(jobId, 3)];
        Guid followUp = (await _database.DeadLetters.ReplayAsync(Replay(letters), default))[0].FollowUpJobId.GetValueOrDefault();
        await PlanAsync(new(1, ChunkKind.Pages, 0, 2, 2), new(3, ChunkKind.Pages, 0, 4, 4));
        await EndNextAsync(succeeds);

        await CancelAsync(followUp);

        (await _database.QueryAsync<string>("SELECT status FROM vq.dead_letters WHERE job_id = @jobId ORDER BY chunk_no", new { jobId })).ShouldBe(["replayed", "open"]);
        (await _database.CountAsync($"vq.dead_letters WHERE job_id = '{followUp}' AND status = 'open'")).ShouldBe(succeeds ? 0 : 1);
    }

    [Fact]
    public async Task Cancel_FollowUpWithWindowsThatOverlap_ReopensOnlyTheOneThatIsNotDone()
    {
        Guid jobId = await PartialJobAsync("a", failed: [1, 2]);
        await _database.ExecuteAsync("UPDATE vq.chunks SET kind = 'window', first_unit = chunk_no * 10, last_unit = chunk_no * 10 + 12 WHERE job_id = @jobId", new { jobId });
        Guid[] letters = [await DieAsync(jobId, 1), await DieAsync(jobId, 2)];
        Guid followUp = (await _database.DeadLetters.ReplayAsync(Replay(letters), default))[0].FollowUpJobId.GetValueOrDefault();
        await PlanAsync(new(1, ChunkKind.Window, 0, 10, 22), new(2, ChunkKind.Window, 0, 20, 32));
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
        Guid jobId = await PartialJobAsync("a", failed: [1]);
        await _database.ExecuteAsync("UPDATE vq.chunks SET last_unit = 3 WHERE job_id = @jobId AND chunk_no = 1", new { jobId });
        Guid followUp = await FollowUpAsync(jobId, 1);
        await PlanAsync(new(1, ChunkKind.Pages, 0, 2, 2), new(4, ChunkKind.Pages, 0, 3, 3));
        await EndNextAsync(succeeds: true);

        await CancelAsync(followUp);

        (await _database.CountAsync("vq.dead_letters WHERE status = 'open'")).ShouldBe(1);
    }

    [Fact]
    public async Task Replay_WorkThatFailsEachTime_IsRefusedAfterTheLimitUnlessForced()
    {
        Guid letter = await DieAsync(await PartialJobAsync("a", failed: [1]), 1);
        for (int replays = 0; replays < DeadLetterReplay.MaxReplays; replays++)
        {
            Guid followUp = (await _database.DeadLetters.ReplayAsync(Replay([letter]), default)).ShouldHaveSingleItem().FollowUpJobId.GetValueOrDefault();
            await PlanAsync(new PlannedChunk(1, ChunkKind.Pages, 0, 2, 2));
            await EndNextAsync(succeeds: false);
            letter = (await _database.QueryAsync<Guid>("SELECT id FROM vq.dead_letters WHERE job_id = @followUp", new { followUp })).ShouldHaveSingleItem();
        }

        (await _database.DeadLetters.ReplayAsync(Replay([letter]), default)).ShouldHaveSingleItem().Verdict.ShouldBe(ReplayVerdict.TooOften);
        (await _database.DeadLetters.ReplayAsync(Replay([letter]) with { Force = true }, default)).ShouldHaveSingleItem().Verdict.ShouldBe(ReplayVerdict.Replayed);
    }

    [Fact]
    public async Task Planning_FollowUpLosesAllItsWorkers_ReopensItsLetters()
    {
        Guid followUp = await FollowUpAsync(await PartialJobAsync("a", failed: [1]), 1);
        for (int losses = 0; losses < Quarantine.FinalLosses; losses++)
        {
            await _database.ExecuteAsync("UPDATE vq.work SET lease_until = now(), lease_owner = @Worker, fence = fence + 1", new { Worker = _worker });
            await _database.ExpireAsync();
        }

        (await _database.JobAsync(followUp)).State.ShouldBe(JobState.Failed);
        (await _database.CountAsync("vq.dead_letters WHERE status = 'open'")).ShouldBe(1);
    }

    [Fact]
    public async Task Replay_BasisOfTheBasisIsGone_IsRefusedAndLeavesTheLetterOpen()
    {
        Guid jobId = await PartialJobAsync("a", failed: [1]);
        Guid followUp = await FollowUpAsync(jobId, 1);
        await _database.ExecuteAsync("UPDATE vq.jobs SET state = 'failed', finished_at = now() WHERE id = @followUp", new { followUp });
        Guid letter = await DieAsync(followUp, 1);
        await _database.ExecuteAsync("DELETE FROM vq.jobs WHERE id = @jobId", new { jobId });

        (await _database.DeadLetters.ReplayAsync(Replay([letter]), default)).ShouldHaveSingleItem().Verdict.ShouldBe(ReplayVerdict.JobGone);

        (await _database.CountAsync($"vq.dead_letters WHERE id = '{letter}' AND status = 'open' AND replay_count = 0")).ShouldBe(1);
    }

    [Fact]
    public async Task Replay_MonthOfTheJobIsBeingDropped_IsRefused()
    {
        Guid letter = await DieAsync(await PartialJobAsync("a", failed: [1]), 1);
        await _database.ExecuteAsync("INSERT INTO vq.dropped_months (month) VALUES (date_trunc('month', now() AT TIME ZONE 'UTC'))");

        (await _database.DeadLetters.ReplayAsync(Replay([letter]), default)).ShouldHaveSingleItem().Verdict.ShouldBe(ReplayVerdict.JobGone);
    }

    [Fact]
    public async Task Replay_SameIdsAtTheSameTime_MakesOneFollowUp()
    {
        Guid jobId = await PartialJobAsync("a", failed: [1, 3]);
        Guid[] ids = [await DieAsync(jobId, 1), await DieAsync(jobId, 3)];

        IReadOnlyList<ReplayedLetter>[] outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _database.DeadLetters.ReplayAsync(Replay(ids), default)));

        outcomes.SelectMany(each => each).Count(outcome => outcome.Verdict == ReplayVerdict.Replayed).ShouldBe(2);
        (await _database.CountAsync("vq.jobs WHERE replay_of IS NOT NULL")).ShouldBe(1);
    }

    [Fact]
    public async Task Replay_SameReplayIdAgain_MakesNoSecondFollowUp()
    {
        Guid jobId = await PartialJobAsync("a", failed: [1, 3]);
        DeadLetterReplay replay = Replay([await DieAsync(jobId, 1)]);
        _ = await _database.DeadLetters.ReplayAsync(replay, default);
        Guid late = await DieAsync(jobId, 3);

        IReadOnlyList<ReplayedLetter> again = await _database.DeadLetters.ReplayAsync(replay with { Query = replay.Query with { Ids = [late] } }, default);

        again.ShouldHaveSingleItem().Verdict.ShouldBe(ReplayVerdict.AlreadyReplayed);
        (await _database.CountAsync("vq.jobs WHERE replay_of IS NOT NULL")).ShouldBe(1);
        (await _database.CountAsync($"vq.dead_letters WHERE id = '{late}' AND status = 'open' AND replay_count = 0")).ShouldBe(1);
    }

    [Fact]
    public async Task Replay_DryRun_SaysWhatWouldHappenAndWritesNothing()
    {
        Guid jobId = await PartialJobAsync("a", failed: [1]);
        Guid id = await DieAsync(jobId, 1);

        (await _database.DeadLetters.ReplayAsync(Replay([id]) with { DryRun = true }, default)).ShouldHaveSingleItem().Verdict.ShouldBe(ReplayVerdict.WouldReplay);

        (await _database.CountAsync("vq.jobs")).ShouldBe(1);
        (await _database.CountAsync("vq.dead_letters WHERE status = 'open'")).ShouldBe(1);
        (await _database.CountAsync("vq.dead_letter_audit WHERE action <> 'recorded'")).ShouldBe(0);
    }

    [Fact]
    public async Task Replay_ChangesThatDoNotFit_AreNamedAndNothingIsDone()
    {
        Guid id = await DieAsync(await PartialJobAsync("a", failed: [1]), 1);

        ReplayedLetter outcome = (await _database.DeadLetters.ReplayAsync(Replay([id]) with { Changes = new ReplayChanges { Dpi = 10 } }, default)).ShouldHaveSingleItem();

        outcome.Verdict.ShouldBe(ReplayVerdict.InvalidChanges);
        outcome.Reason.ShouldNotBeNull().ShouldContain("options.dpi must be 36..600; got 10");
        (await _database.CountAsync("vq.dead_letters WHERE status = 'open'")).ShouldBe(1);
    }

    [Fact]
    public async Task Replay_JobNotEndedOrGone_StaysOpen()
    {
        Guid running = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(2), _worker);
        Guid[] ids = [await DieAsync(running, 0), await DieAsync(new Guid("01890000-0000-7000-8000-000000000001"), 0)];

        IReadOnlyList<ReplayedLetter> outcomes = await _database.DeadLetters.ReplayAsync(Replay(ids), default);

        outcomes.Select(outcome => outcome.Verdict).ShouldBe([ReplayVerdict.JobOpen, ReplayVerdict.JobGone], ignoreOrder: true);
        (await _database.CountAsync("vq.dead_letters WHERE status = 'open'")).ShouldBe(2);
    }

    [Fact]
    public async Task Replay_FailsInTheMiddle_IsRolledBackWhole()
    {
        Guid id = await DieAsync(await PartialJobAsync("a", failed: [1]), 1);
        await _database.ExecuteAsync("ALTER TABLE vq.dead_letter_audit ADD CONSTRAINT no_replays CHECK (action <> 'replayed')");

        _ = await Should.ThrowAsync<Npgsql.PostgresException>(() => _database.DeadLetters.ReplayAsync(Replay([id]), default));

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
            jobs[no] = await PartialJobAsync($"job {no}", failed: [1]);
        }

        Guid[] ids = await Task.WhenAll(jobs.Select(job => DieAsync(job, 1)));

        var time = new TestKit.ManualTime();
        var deadLetters = new PostgresDeadLetters(_database.Source, new PlanningOptions(), time);
        Task<IReadOnlyList<ReplayedLetter>> replay = deadLetters.ReplayAsync(Replay(ids) with { PerSecond = 0.5 }, default);
        for (int done = 1; done < ids.Length; done++)
        {
            await TestKit.Eventually.TrueAsync(() => Task.FromResult(time.ArmedTimers > 0), TimeSpan.FromSeconds(30), "the pause");
            (await _database.CountAsync("vq.jobs WHERE replay_of IS NOT NULL")).ShouldBe(done);
            time.Advance(TimeSpan.FromSeconds(2));
        }

        (await replay).ShouldAllBe(outcome => outcome.Verdict == ReplayVerdict.Replayed);
    }

    private static DeadLetterReplay Replay(IReadOnlyList<Guid> ids) => new()
    {
        Query = new DeadLetterQuery { TenantId = LedgerDatabase.Tenant, Ids = ids },
        ReplayId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
        Actor = "ops",
        PerSecond = 1_000,
    };

    /// <summary>A job of four pages that ended with some of them given up.</summary>
    private async Task<Guid> PartialJobAsync(string key, int[] failed, bool reduce = false, bool events = false)
    {
        Guid jobId = await _database.SubmitPlannedAsync(key, LedgerDatabase.Plan(4, pagesPerGroup: 4, reduce: reduce), _worker);
        while ((await _database.Ledger.ClaimAsync(_worker, ClaimLimits.Of(1), LedgerDatabase.LeaseTime, default)).SingleOrDefault() is { } group)
        {
            foreach (PlannedChunk chunk in await _database.StartAsync(group))
            {
                _ = failed.Contains(chunk.ChunkNo)
                    ? await _database.Ledger.FailChunkAsync(group, chunk, LedgerDatabase.Broken, new ChunkResult(), default)
                    : await _database.Ledger.CompleteChunkAsync(group, chunk, Result(chunk, "first", events), default);
            }

            await _database.Ledger.FinishGroupAsync(group, default);
        }

        (await _database.JobAsync(jobId)).State.ShouldBe(JobState.Partial);
        await _database.ExecuteAsync("DELETE FROM vq.outbox");
        await _database.ExecuteAsync("DELETE FROM vq.dead_letters");
        await _database.ExecuteAsync("DELETE FROM vq.dead_letter_audit");
        return jobId;
    }

    private static ChunkResult Result(PlannedChunk chunk, string text, bool events) => chunk.Kind == ChunkKind.Reduce
        ? new ChunkResult { JobSummary = text, Usage = new ChunkUsage(1, 1, 0, 0, 1, 1) }
        : LedgerDatabase.PageResult(chunk, text) with
        {
            Segments = events ? [new SegmentResult(SegmentKind.WindowEvent, 0, chunk.ChunkNo * 1_000, (chunk.ChunkNo * 1_000) + 500, $"{text} {chunk.ChunkNo}", false)] : [],
        };

    /// <summary>Commits a plan of these chunks, each in a group of its own, for the follow-up job that waits for one.</summary>
    private async Task PlanAsync(params PlannedChunk[] chunks)
    {
        PlannedGroup[] groups = [.. chunks.Select((chunk, index) => new PlannedGroup(index + 1, 0, [chunk]))];
        (await _database.Ledger.CommitPlanAsync(await _database.ClaimOneAsync(_worker), new JobPlan(LedgerDatabase.Facts, groups), default)).ShouldBeTrue();
    }

    private async Task EndNextAsync(bool succeeds)
    {
        if (succeeds)
        {
            await CompleteNextAsync("anew");
            return;
        }

        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        PlannedChunk chunk = (await _database.StartAsync(group)).ShouldHaveSingleItem();
        (await _database.Ledger.FailChunkAsync(group, chunk, LedgerDatabase.Broken, new ChunkResult(), default)).ShouldNotBe(ChunkEnd.Superseded);
        await _database.Ledger.FinishGroupAsync(group, default);
    }

    private async Task CancelAsync(Guid jobId)
    {
        (await _database.Ledger.RequestCancelAsync(LedgerDatabase.Tenant, jobId, null, default)).ShouldBeTrue();
        _ = await _database.Ledger.SweepAsync(default);
        (await _database.JobAsync(jobId)).State.ShouldBe(JobState.Cancelled);
    }

    private async Task CompleteNextAsync(string text, bool events = false)
    {
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        foreach (PlannedChunk chunk in await _database.StartAsync(group))
        {
            (await _database.Ledger.CompleteChunkAsync(group, chunk, Result(chunk, text, events), default)).ShouldNotBe(ChunkEnd.Superseded);
        }

        await _database.Ledger.FinishGroupAsync(group, default);
    }

    private async Task<Guid> FollowUpAsync(Guid jobId, int chunkNo)
    {
        IReadOnlyList<ReplayedLetter> outcomes = await _database.DeadLetters.ReplayAsync(Replay([await DieAsync(jobId, chunkNo)]), default);
        return outcomes.ShouldHaveSingleItem().FollowUpJobId.GetValueOrDefault();
    }

    private Task<Guid> DieAsync(Guid jobId, int chunkNo) => _database.DeadLetters.RecordAsync(
        new NewDeadLetter
        {
            Source = "chunk",
            DedupKey = $"chunk:{jobId}:{chunkNo}",
            TenantId = LedgerDatabase.Tenant,
            JobId = jobId,
            ChunkNo = chunkNo,
            ErrorCode = ErrorCodes.DecodeFailed,
            Actor = "test",
        },
        default);
}
