using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

[Collection(PostgresServer.Collection)]
public sealed class JobInspectorTests(PostgresServer server) : IAsyncLifetime
{
    private LedgerDatabase _database = null!; // set before each test
    private PostgresJobInspector _inspector = null!; // set before each test
    private long _worker;

    public async Task InitializeAsync()
    {
        _database = await LedgerDatabase.CreateAsync(server);
        _inspector = new PostgresJobInspector(_database.ReaderSource);
        _worker = await _database.WorkerAsync();
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task List_EachFilter_LetsThroughWhatFits()
    {
        Guid first = await _database.SubmitAsync("first");
        Guid second = await _database.SubmitAsync("second");
        await _database.ExecuteAsync(
            "UPDATE vq.jobs SET state = 'failed', finished_at = now(), error_code = 'x', error_message = 'm', source_uri = 'other/100%_b.pdf', kind = 'video' WHERE id = @second",
            new { second });
        JobFilter all = new();

        (await ListAsync(all)).ShouldBe([second, first]);
        (await ListAsync(all with { Order = JobOrder.Oldest })).ShouldBe([first, second]);
        (await ListAsync(all with { Limit = 1 })).ShouldBe([second]);
        (await ListAsync(all with { States = [JobState.Accepted, JobState.Running] })).ShouldBe([first]);
        (await ListAsync(all with { Kind = "video" })).ShouldBe([second]);
        (await ListAsync(all with { Source = "%_b" })).ShouldBe([second]);
        (await ListAsync(all with { Source = "a%" })).ShouldBeEmpty();
        (await ListAsync(all with { ErrorCode = "x" })).ShouldBe([second]);
        (await ListAsync(all with { Since = TimeProvider.System.GetUtcNow().AddDays(1) })).ShouldBeEmpty();
        (await ListAsync(all with { Until = TimeProvider.System.GetUtcNow().AddDays(-1) })).ShouldBeEmpty();
        (await _inspector.ListAsync(LedgerDatabase.Tenant + 1, all, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task List_LongestFirst_OrdersByTimeTaken()
    {
        Guid quick = await _database.SubmitAsync("quick");
        Guid slow = await _database.SubmitAsync("slow");
        await _database.ExecuteAsync("UPDATE vq.jobs SET created_at = now() - interval '1 hour' WHERE id = @slow", new { slow });

        (await ListAsync(new JobFilter { Order = JobOrder.Longest })).ShouldBe([slow, quick]);
    }

    [Fact]
    public async Task Read_JobInTheMiddle_TellsChunksGroupsAndUsage()
    {
        Guid job = await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(4, pagesPerGroup: 2, reduce: true), _worker);
        ClaimedGroup held = await _database.ClaimOneAsync(_worker);
        IReadOnlyList<PlannedChunk> chunks = await _database.StartAsync(held);
        await _database.Ledger.CompleteChunkAsync(held, chunks[0], LedgerDatabase.PageResult(chunks[0]), default);
        await _database.Ledger.FailChunkAsync(held, chunks[1], LedgerDatabase.Broken, new(), default);

        JobDetails details = (await _inspector.ReadAsync(LedgerDatabase.Tenant, job, default)).ShouldNotBeNull();

        details.Job.Id.ShouldBe(job);
        (details.Chunks.Open, details.Chunks.Succeeded, details.Chunks.Failed, details.Chunks.Failures).ShouldBe((3, 1, 1, 1));
        details.Groups.Select(group => group.State).ShouldBe(["leased", "ready", "waiting"]);
        (details.Groups[0].WorkerId, details.Groups[0].Fence, details.Groups[0].SecondsLeft > 200).ShouldBe((_worker, 1, true));
        (details.Usage.Chunks, details.Usage.OutputTokens).ShouldBe((1, 10));
        (await _inspector.ReadAsync(LedgerDatabase.Tenant + 1, job, default)).ShouldBeNull();
    }

    private async Task<IEnumerable<Guid>> ListAsync(JobFilter filter) =>
        (await _inspector.ListAsync(LedgerDatabase.Tenant, filter, default)).Select(job => job.Id);
}
