using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

[Collection(PostgresServer.Collection)]
public sealed class LedgerChunkTests(PostgresServer server) : IAsyncLifetime
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
    public async Task CommitPlan_Held_JobRunsWithFactsAndOnlyTheFirstStageIsReady()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(2, reduce: true), _worker);

        JobRecord job = await _database.JobAsync(jobId);
        (job.State, job.TotalChunks, job.Facts).ShouldBe((JobState.Running, 3, LedgerDatabase.Facts));
        (await _database.Ledger.ReadJobAsync(jobId, default)).ShouldNotBeNull().Facts.ShouldBe(LedgerDatabase.Facts);
        (await _database.Ledger.ClaimAsync(_worker, 10, LedgerDatabase.LeaseTime, default)).Select(group => group.GroupNo).ShouldBe([1, 2], ignoreOrder: true);
    }

    [Fact]
    public async Task CommitPlan_StagesOutOfOrder_IsRefused()
    {
        await _database.SubmitAsync("a");
        ClaimedGroup planning = await _database.ClaimOneAsync(_worker);
        var plan = new JobPlan(LedgerDatabase.Facts, [.. LedgerDatabase.Plan(1, reduce: true).Groups.Reverse()]);

        await Should.ThrowAsync<ArgumentException>(() => _database.Ledger.CommitPlanAsync(planning, plan, default));
    }

    [Fact]
    public async Task FailJob_Held_JobFailsWithOneEvent()
    {
        Guid jobId = await _database.SubmitAsync("a");
        ClaimedGroup planning = await _database.ClaimOneAsync(_worker);

        (await _database.Ledger.FailJobAsync(planning, LedgerDatabase.Broken, default)).ShouldBeTrue();
        (await _database.Ledger.FailJobAsync(planning, LedgerDatabase.Broken, default)).ShouldBeFalse();

        JobRecord job = await _database.JobAsync(jobId);
        (job.State, job.Error, job.FinishedAt is not null).ShouldBe((JobState.Failed, LedgerDatabase.Broken, true));
        (await _database.FinalEventsAsync(jobId)).ShouldBe([nameof(JobFailed)]);
        (await _database.CountAsync("vq.work")).ShouldBe(0);
    }

    [Fact]
    public async Task Complete_Twice_IsRecordedOnceAndBilledOnce()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(2, pagesPerGroup: 2), _worker);
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        PlannedChunk chunk = (await _database.StartAsync(group))[0];

        ChunkEnd[] ends = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(n => _database.Ledger.CompleteChunkAsync(group, chunk, LedgerDatabase.PageResult(chunk, $"text {n}"), default)));

        ends.Count(end => end == ChunkEnd.Recorded).ShouldBe(1);
        ends.Count(end => end == ChunkEnd.Superseded).ShouldBe(9);
        (await _database.JobAsync(jobId)).DoneChunks.ShouldBe(1);
        (await _database.CountAsync("vq.pages")).ShouldBe(1);
        (await _database.CountAsync("vq.usage_records WHERE billable")).ShouldBe(1);
    }

    [Fact]
    public async Task Complete_LastOfAStage_ReleasesTheNextAndTheLastOfAllEndsTheJob()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(2, reduce: true), _worker);
        IReadOnlyList<ClaimedGroup> pages = await _database.Ledger.ClaimAsync(_worker, 10, LedgerDatabase.LeaseTime, default);
        await EndAllAsync(pages[0], fail: false);
        (await _database.Ledger.ClaimAsync(_worker, 10, LedgerDatabase.LeaseTime, default)).ShouldBeEmpty();
        await EndAllAsync(pages[1], fail: false);

        ClaimedGroup reduction = await _database.ClaimOneAsync(_worker);
        PlannedChunk chunk = (await _database.StartAsync(reduction)).ShouldHaveSingleItem();
        (await _database.Ledger.ReadSummaryPartsAsync(jobId, 0, 0, 1, default)).ShouldBe([new SummaryPart(0, 0, "part text"), new SummaryPart(0, 1, "part text")]);
        ChunkEnd end = await _database.Ledger.CompleteChunkAsync(reduction, chunk, new ChunkResult { JobSummary = "all" }, default);

        end.ShouldBe(ChunkEnd.JobFinished);
        JobRecord job = await _database.JobAsync(jobId);
        (job.State, job.DoneChunks, job.FailedChunks, job.Error).ShouldBe((JobState.Succeeded, 3, 0, null));
        (await _database.FinalEventsAsync(jobId)).ShouldBe([nameof(JobSucceeded)]);
        (await _database.CountAsync("vq.chunks WHERE outcome = 'succeeded'")).ShouldBe(3);
    }

    [Fact]
    public async Task Fail_SomeChunks_JobIsPartialAndTheNextStageStillRuns()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(2, reduce: true), _worker);
        IReadOnlyList<ClaimedGroup> pages = await _database.Ledger.ClaimAsync(_worker, 10, LedgerDatabase.LeaseTime, default);
        await EndAllAsync(pages[0], fail: true);
        await EndAllAsync(pages[1], fail: false);

        await EndAllAsync(await _database.ClaimOneAsync(_worker), fail: true);

        JobRecord job = await _database.JobAsync(jobId);
        (job.State, job.DoneChunks, job.FailedChunks, job.Error?.Code).ShouldBe((JobState.Partial, 1, 2, ErrorCodes.ChunksFailed));
        (await _database.FinalEventsAsync(jobId)).ShouldBe([nameof(JobPartial)]);
        JobResults results = (await _database.Reader.ReadResultsAsync(LedgerDatabase.Tenant, jobId, default)).ShouldNotBeNull();
        results.FailedChunks.Select(failed => failed.Error).ShouldBe([LedgerDatabase.Broken, LedgerDatabase.Broken]);
        results.FailedChunks.ShouldContain(failed => failed.Chunk.Kind == ChunkKind.Reduce);
    }

    [Fact]
    public async Task Fail_AllChunks_JobFailsWithTheFirstChunksError()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(2, pagesPerGroup: 2), _worker);
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        IReadOnlyList<PlannedChunk> chunks = await _database.StartAsync(group);
        var later = new JobError(ErrorCodes.OutputUnreadable, "later");

        await _database.Ledger.FailChunkAsync(group, chunks[1], later, new ChunkResult(), default);
        ChunkEnd end = await _database.Ledger.FailChunkAsync(group, chunks[0], LedgerDatabase.Broken, new ChunkResult(), default);

        end.ShouldBe(ChunkEnd.JobFinished);
        JobRecord job = await _database.JobAsync(jobId);
        (job.State, job.Error).ShouldBe((JobState.Failed, LedgerDatabase.Broken));
        (await _database.FinalEventsAsync(jobId)).ShouldBe([nameof(JobFailed)]);
    }

    [Fact]
    public async Task Fail_WithEvidence_KeepsRawAnswersAndUsageUnbilled()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(1), _worker);
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        PlannedChunk chunk = (await _database.StartAsync(group))[0];
        var issue = new ParseIssue(1, JobTaskKind.Spotting, ErrorCodes.OutputUnreadable, "must be JSON", "raw \0 \ud83d answer");

        await _database.Ledger.FailChunkAsync(group, chunk, LedgerDatabase.Broken, LedgerDatabase.PageResult(chunk) with { Issues = [issue] }, default);

        JobResults results = (await _database.Reader.ReadResultsAsync(LedgerDatabase.Tenant, jobId, default)).ShouldNotBeNull();
        results.Issues.ShouldBe([issue with { RawText = "raw \ufffd \ufffd answer" }]);
        results.Pages.ShouldBeEmpty();
        results.Usage.ShouldBe(ChunkUsage.None);
        (await _database.QueryAsync<bool>("SELECT billable FROM vq.usage_records")).ShouldBe([false]);
    }

    [Fact]
    public async Task Complete_ManyGroupsAtOnce_ExactlyOneFinalEvent()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(20), _worker);
        IReadOnlyList<ClaimedGroup> groups = await _database.Ledger.ClaimAsync(_worker, 20, LedgerDatabase.LeaseTime, default);

        await Task.WhenAll(groups.Select(group => EndAllAsync(group, fail: group.GroupNo % 5 == 0)));

        JobRecord job = await _database.JobAsync(jobId);
        (job.State, job.DoneChunks, job.FailedChunks).ShouldBe((JobState.Partial, 16, 4));
        (await _database.FinalEventsAsync(jobId)).ShouldBe([nameof(JobPartial)]);
        (await _database.CountAsync("vq.work")).ShouldBe(0);
    }

    [Fact]
    public async Task Complete_ManyChunksInASecond_ProgressIsThrottled()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(10, pagesPerGroup: 10), _worker);
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        IReadOnlyList<PlannedChunk> chunks = await _database.StartAsync(group);
        await _database.ExecuteAsync("DELETE FROM vq.outbox; UPDATE vq.jobs SET progress_at = now() + interval '1 hour'");
        foreach (PlannedChunk chunk in chunks.Take(5))
        {
            await _database.Ledger.CompleteChunkAsync(group, chunk, LedgerDatabase.PageResult(chunk), default);
        }

        (await _database.CountAsync("vq.outbox")).ShouldBe(0);
        await _database.ExecuteAsync("UPDATE vq.jobs SET progress_at = now() - interval '2 seconds'");
        await _database.Ledger.CompleteChunkAsync(group, chunks[5], LedgerDatabase.PageResult(chunks[5]), default);

        OutboxMessage message = (await _database.Outbox.TakeAsync(10, TimeSpan.FromMinutes(1), default)).ShouldHaveSingleItem();
        message.MessageType.ShouldBe(nameof(JobProgress));
        message.Body.ShouldContain("\"doneChunks\": 6");
    }

    [Fact]
    public async Task Complete_HostileAndLongText_IsStoredCleanAndNothingElseIsLost()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(1), _worker);
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        PlannedChunk chunk = (await _database.StartAsync(group))[0];
        ChunkResult result = LedgerDatabase.PageResult(chunk, "\0\ud800 \ud83d\ude00 \udc00") with
        {
            Captions = [new CaptionResult(1, new string('x', 5_000_000))],
            Boxes = [new BoxResult(1, JobTaskKind.Spotting, 0, "line\0", new BoxEdges(1, 2, 3, 4), new BoxEdges(0.8, 1.2, 2.4, 2.4), true)],
        };

        (await _database.Ledger.CompleteChunkAsync(group, chunk, result, default)).ShouldBe(ChunkEnd.JobFinished);

        JobResults stored = (await _database.Reader.ReadResultsAsync(LedgerDatabase.Tenant, jobId, default)).ShouldNotBeNull();
        stored.Pages[0].Text.ShouldBe("\ufffd\ufffd \ud83d\ude00 \ufffd");
        stored.Captions[0].Text.Length.ShouldBe(4_000_000);
        stored.Boxes[0].Label.ShouldBe("line\ufffd");
    }

    [Theory]
    [InlineData(0, 0, 1_001, 10)]
    [InlineData(5, 0, 5, 10)]
    [InlineData(-1, 0, 5, 10)]
    [InlineData(0, 0, double.NaN, 10)]
    public async Task Complete_BoxOutsideThePage_IsRefusedWhole(double x0, double y0, double x1, double y1)
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(1), _worker);
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        PlannedChunk chunk = (await _database.StartAsync(group))[0];
        var box = new BoxResult(1, JobTaskKind.Grounding, 0, "cat", new BoxEdges(x0, y0, x1, y1), new BoxEdges(0, 0, 10, 10), false);

        Npgsql.PostgresException error = await Should.ThrowAsync<Npgsql.PostgresException>(
            () => _database.Ledger.CompleteChunkAsync(group, chunk, LedgerDatabase.PageResult(chunk) with { Boxes = [box] }, default));

        error.SqlState.ShouldBe(Npgsql.PostgresErrorCodes.CheckViolation);
        (await _database.JobAsync(jobId)).DoneChunks.ShouldBe(0);
        (await _database.CountAsync("vq.pages")).ShouldBe(0);
    }

    private async Task EndAllAsync(ClaimedGroup group, bool fail)
    {
        foreach (PlannedChunk chunk in await _database.StartAsync(group))
        {
            _ = fail
                ? await _database.Ledger.FailChunkAsync(group, chunk, LedgerDatabase.Broken, new ChunkResult(), default)
                : await _database.Ledger.CompleteChunkAsync(group, chunk, LedgerDatabase.PageResult(chunk), default);
        }

        await _database.Ledger.FinishGroupAsync(group, default);
    }
}
