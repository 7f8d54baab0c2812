using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

[Collection(PostgresServer.Collection)]
public sealed class PostgresResultReaderTests(PostgresServer server) : IAsyncLifetime
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
    public async Task ReadResults_EveryKindOfResult_RoundTrips()
    {
        Guid jobId = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(1), _worker);
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        PlannedChunk chunk = (await _database.StartAsync(group))[0];
        var result = new ChunkResult
        {
            Pages = [new PageResult(1, 816, 1_056, 270, 612.5, 792.25, "Grüße 你好 😀\nline", true, new string('c', 64)), new PageResult(2, 10, 10, 0, 0, 0, null, false, "d")],
            Captions = [new CaptionResult(1, "a page")],
            Boxes =
            [
                new BoxResult(1, JobTaskKind.Grounding, 0, "cat", new BoxEdges(0, 0, 1_000, 1_000), new BoxEdges(0, 0, 816, 1_056), false),
                new BoxResult(1, JobTaskKind.Spotting, 0, "line", new BoxEdges(0.1, 1 / 3.0, 999.9, 2), new BoxEdges(0.1, 0.3, 815.9, 2.1), true),
            ],
            Segments =
            [
                new SegmentResult(SegmentKind.Event, 0, 0, 2_000, "whole", false),
                new SegmentResult(SegmentKind.Window, 0, 0, 1_000, "window", false),
                new SegmentResult(SegmentKind.WindowEvent, 0, 10, 20, "first", true),
                new SegmentResult(SegmentKind.WindowEvent, 1, 15, 20, "second", false),
            ],
            SummaryParts = [new SummaryPart(0, 0, "part")],
            JobSummary = "summary",
            Issues = [new ParseIssue(1, JobTaskKind.Caption, ErrorCodes.OutputTruncated, "cut", "raw")],
            Usage = new ChunkUsage(3, 30, 20, 10, 5, 1_234_567),
        };

        await _database.Ledger.CompleteChunkAsync(group, chunk, result, default);
        JobResults stored = (await _database.Reader.ReadResultsAsync(LedgerDatabase.Tenant, jobId, default)).ShouldNotBeNull();

        stored.Job.State.ShouldBe(JobState.Succeeded);
        stored.Pages.ShouldBe(result.Pages);
        stored.Captions.ShouldBe(result.Captions);
        stored.Boxes.ShouldBe(result.Boxes);
        stored.Segments.ShouldBe(result.Segments);
        stored.SummaryParts.ShouldBe(result.SummaryParts);
        stored.Summary.ShouldBe("summary");
        stored.Issues.ShouldBe(result.Issues);
        stored.FailedChunks.ShouldBeEmpty();
        stored.Usage.ShouldBe(result.Usage);
        (await _database.Ledger.ReadWindowEventsAsync(jobId, default)).ShouldBe(result.Segments.Skip(2));
    }

    [Fact]
    public async Task EveryMethod_JobOfAnotherTenant_ShowsNothing()
    {
        Guid jobId = await _database.SubmitAsync("a");
        const long stranger = LedgerDatabase.Tenant + 1;

        (await _database.Reader.FindJobAsync(stranger, "a", default)).ShouldBeNull();
        (await _database.Reader.ReadJobAsync(stranger, jobId, default)).ShouldBeNull();
        (await _database.Reader.ReadResultsAsync(stranger, jobId, default)).ShouldBeNull();
        (await _database.Reader.ListJobsAsync(stranger, 10, default)).ShouldBeEmpty();
        (await _database.Reader.FindJobAsync(LedgerDatabase.Tenant, "a", default)).ShouldBe(jobId);
    }

    [Fact]
    public async Task ListJobs_MoreThanTheLimit_NewestFirst()
    {
        Guid[] jobs = [await _database.SubmitAsync("a"), await _database.SubmitAsync("b"), await _database.SubmitAsync("c")];

        IReadOnlyList<JobRecord> listed = await _database.Reader.ListJobsAsync(LedgerDatabase.Tenant, 2, default);

        listed.Count.ShouldBe(2);
        listed.Select(job => job.Id).ShouldBeSubsetOf(jobs);
        listed[0].CreatedAt.ShouldBeGreaterThanOrEqualTo(listed[1].CreatedAt);
    }

    [Fact]
    public async Task Partitions_IdsAtTheEdgesOfAMonth_LieInTheirMonth()
    {
        const string insert =
            """
            INSERT INTO vq.job_stages (job_id, stage, total)
            SELECT vq.uuid7_floor(date_trunc('month', now()) + make_interval(secs => @seconds)), 0, 1 RETURNING tableoid::regclass::text
            """;

        string before = (await _database.QueryAsync<string>(insert, new { seconds = -0.001 })).Single();
        string after = (await _database.QueryAsync<string>(insert, new { seconds = 0.0 })).Single();

        (await _database.QueryAsync<string>("SELECT 'vq.job_stages_' || to_char(now() - interval '1 month', 'YYYYMM')")).ShouldBe([before]);
        (await _database.QueryAsync<string>("SELECT 'vq.job_stages_' || to_char(now(), 'YYYYMM')")).ShouldBe([after]);
    }

    [Fact]
    public async Task Partitions_MonthIsMissing_IsALoudErrorAndASweepMakesIt()
    {
        string name = (await _database.QueryAsync<string>("SELECT 'vq.parse_issues_' || to_char(now(), 'YYYYMM')")).Single();
        await _database.ExecuteAsync($"DROP TABLE {name}");
        const string insert =
            "INSERT INTO vq.parse_issues (job_id, chunk_no, issue_no, unit, task, code, message, raw_text) VALUES (vq.uuid7(), 0, 0, 1, 'ocr', 'c', 'm', 'r')";

        (await Should.ThrowAsync<Npgsql.PostgresException>(() => _database.ExecuteAsync(insert))).SqlState.ShouldBe(Npgsql.PostgresErrorCodes.CheckViolation);
        await _database.Ledger.SweepAsync(default);

        await _database.ExecuteAsync(insert);
        (await _database.CountAsync(name)).ShouldBe(1);
    }
}
