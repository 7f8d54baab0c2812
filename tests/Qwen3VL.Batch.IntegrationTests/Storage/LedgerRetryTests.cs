using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

/// <summary>Executions that failed and are repeated, and the dead letters of those that are not.</summary>
[Collection(PostgresServer.Collection)]
public sealed class LedgerRetryTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly ChunkResult Cost = new() { Usage = new ChunkUsage(1, 100, 20, 60, 10, 5_000) };
    private static readonly ChunkRetry Again = new(TimeSpan.FromSeconds(30), CountsFailure: true, Degrades: false);

    private LedgerDatabase _database = null!; // set before each test
    private long _worker;

    public async Task InitializeAsync()
    {
        _database = await LedgerDatabase.CreateAsync(server);
        _worker = await _database.WorkerAsync();
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Retry_Failure_IsOnRecordAndNobodyPays()
    {
        (ClaimedGroup group, IReadOnlyList<PlannedChunk> chunks) = await StartAsync(1);

        (await _database.Ledger.RetryChunkAsync(group, chunks[0], LedgerDatabase.Broken, Cost, Again, default)).ShouldBeTrue();

        (await _database.CountAsync("vq.chunks WHERE outcome IS NULL AND failures = 1 AND degradation = 0 AND start_fence IS NULL AND not_before > now() + interval '20 seconds'")).ShouldBe(1);
        (await _database.CountAsync("vq.chunk_attempts WHERE outcome = 'retry' AND error_code = 'decode_failed' AND start_no = 1")).ShouldBe(1);
        (await _database.QueryAsync<bool>("SELECT billable FROM vq.usage_records WHERE output_tokens = 10")).ShouldBe([false]);
        (await _database.CountAsync("vq.dead_letters")).ShouldBe(0);
    }

    [Fact]
    public async Task Retry_RepeatedAfterALostReply_CountsOnce()
    {
        (ClaimedGroup group, IReadOnlyList<PlannedChunk> chunks) = await StartAsync(1);
        await _database.Ledger.RetryChunkAsync(group, chunks[0], LedgerDatabase.Broken, Cost, Again, default);

        (await _database.Ledger.RetryChunkAsync(group, chunks[0], LedgerDatabase.Broken, Cost, Again, default)).ShouldBeFalse();

        (await _database.QueryAsync<int>("SELECT failures::int FROM vq.chunks")).ShouldBe([1]);
        (await _database.CountAsync("vq.chunk_attempts")).ShouldBe(1);
    }

    [Fact]
    public async Task Retry_TooLarge_CountsAStepAndNoFailure()
    {
        (ClaimedGroup group, IReadOnlyList<PlannedChunk> chunks) = await StartAsync(1);

        await _database.Ledger.RetryChunkAsync(group, chunks[0], LedgerDatabase.Broken, Cost, new ChunkRetry(TimeSpan.Zero, CountsFailure: false, Degrades: true), default);

        OpenChunk open = (await _database.Ledger.ReadOpenChunksAsync(group, default)).ShouldHaveSingleItem();
        open.History.ShouldBe(new ChunkHistory(1, 0, 0, 1, ErrorCodes.DecodeFailed));
        open.IsDue.ShouldBeTrue();
    }

    [Fact]
    public async Task Release_SomeNotDue_IsReadyWhenTheFirstIs()
    {
        (ClaimedGroup group, IReadOnlyList<PlannedChunk> chunks) = await StartAsync(3);
        await _database.Ledger.CompleteChunkAsync(group, chunks[0], LedgerDatabase.PageResult(chunks[0]), default);
        await _database.Ledger.RetryChunkAsync(group, chunks[1], LedgerDatabase.Broken, Cost, Again with { Delay = TimeSpan.FromSeconds(50) }, default);
        await _database.Ledger.RetryChunkAsync(group, chunks[2], LedgerDatabase.Broken, Cost, Again, default);

        await _database.Ledger.ReleaseAsync(group, TimeSpan.Zero, default);

        (await _database.CountAsync("vq.work WHERE run_at BETWEEN now() + interval '20 seconds' AND now() + interval '31 seconds'")).ShouldBe(1);
    }

    [Fact]
    public async Task Release_OneUntouched_IsReadyAtOnce()
    {
        (ClaimedGroup group, IReadOnlyList<PlannedChunk> chunks) = await StartAsync(2);
        await _database.Ledger.RetryChunkAsync(group, chunks[0], LedgerDatabase.Broken, Cost, Again, default);

        await _database.Ledger.ReleaseAsync(group, TimeSpan.Zero, default);

        ClaimedGroup next = await _database.ClaimOneAsync(_worker);
        (await _database.Ledger.ReadOpenChunksAsync(next, default)).Select(open => open.IsDue).ShouldBe([false, true]);
    }

    [Fact]
    public async Task Complete_AfterARetryOfTheSameClaim_IsRefusedWhole()
    {
        (ClaimedGroup group, IReadOnlyList<PlannedChunk> chunks) = await StartAsync(1);
        await _database.Ledger.RetryChunkAsync(group, chunks[0], LedgerDatabase.Broken, Cost, Again, default);

        ChunkEnd end = await _database.Ledger.CompleteChunkAsync(group, chunks[0], LedgerDatabase.PageResult(chunks[0]), default);

        end.ShouldBe(ChunkEnd.Superseded);
        (await _database.CountAsync("vq.chunks WHERE outcome IS NULL")).ShouldBe(1);
        (await _database.CountAsync("vq.pages")).ShouldBe(0);
        (await _database.CountAsync("vq.usage_records WHERE billable")).ShouldBe(0);
    }

    [Fact]
    public async Task Retry_ThenSuccess_LeavesNoErrorOnTheChunk()
    {
        (ClaimedGroup group, IReadOnlyList<PlannedChunk> chunks) = await StartAsync(1);
        await _database.Ledger.RetryChunkAsync(group, chunks[0], LedgerDatabase.Broken, Cost, Again with { Delay = TimeSpan.Zero }, default);
        await _database.Ledger.ReleaseAsync(group, TimeSpan.Zero, default);
        ClaimedGroup next = await _database.ClaimOneAsync(_worker);
        PlannedChunk chunk = (await _database.StartAsync(next)).ShouldHaveSingleItem();

        (await _database.Ledger.CompleteChunkAsync(next, chunk, LedgerDatabase.PageResult(chunk), default)).ShouldBe(ChunkEnd.JobFinished);

        (await _database.CountAsync("vq.chunks WHERE outcome = 'succeeded' AND error_code IS NULL AND failures = 1")).ShouldBe(1);
        (await _database.QueryAsync<string>("SELECT outcome FROM vq.chunk_attempts ORDER BY fence")).ShouldBe(["retry", "succeeded"]);
    }

    [Fact]
    public async Task Retry_LeaseIsLost_ChangesNothing()
    {
        (ClaimedGroup old, IReadOnlyList<PlannedChunk> chunks) = await StartAsync(1);
        await _database.ExpireAsync();

        (await _database.Ledger.RetryChunkAsync(old, chunks[0], LedgerDatabase.Broken, Cost, Again, default)).ShouldBeFalse();

        (await _database.CountAsync("vq.chunks WHERE failures = 0 AND not_before IS NULL")).ShouldBe(1);
    }

    [Fact]
    public async Task Fail_Chunk_IsADeadLetterWithItsEventOnce()
    {
        (ClaimedGroup group, IReadOnlyList<PlannedChunk> chunks) = await StartAsync(2);

        await _database.Ledger.FailChunkAsync(group, chunks[1], LedgerDatabase.Broken, Cost, default);
        (await _database.Ledger.FailChunkAsync(group, chunks[1], LedgerDatabase.Broken, Cost, default)).ShouldBe(ChunkEnd.Superseded);

        (await _database.QueryAsync<bool>(
            """
            SELECT source = 'chunk' AND dedup_key = format('chunk:%s:1', job_id) AND error_code = 'decode_failed' AND error_text IS NOT NULL
              AND attempts = 1 AND occurrences = 1 AND tenant_id = 7 AND status = 'open'
            FROM vq.dead_letters
            """)).ShouldBe([true]);
        (await _database.CountAsync("vq.outbox WHERE message_type = 'ChunkDeadLettered' AND (body->>'chunkNo')::int = 1 AND body->>'code' = 'decode_failed'")).ShouldBe(1);
    }

    [Fact]
    public async Task Fail_LongText_IsCut()
    {
        (ClaimedGroup group, IReadOnlyList<PlannedChunk> chunks) = await StartAsync(1);

        await _database.Ledger.FailChunkAsync(group, chunks[0], new JobError(ErrorCodes.Internal, new string('x', 10_000)), Cost, default);

        (await _database.QueryAsync<int>("SELECT length(error_text) FROM vq.dead_letters")).ShouldBe([StoredText.MessageLength]);
    }

    [Fact]
    public async Task Deadline_OpenChunks_AreNoDeadLetters()
    {
        await StartAsync(2);
        await _database.ExecuteAsync("UPDATE vq.jobs SET deadline_at = now() - interval '1 second'");

        (await _database.Ledger.SweepAsync(default)).OverdueJobs.ShouldBe(1);

        (await _database.CountAsync("vq.dead_letters")).ShouldBe(0);
    }

    private async Task<(ClaimedGroup Group, IReadOnlyList<PlannedChunk> Chunks)> StartAsync(int pages)
    {
        await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(pages, pagesPerGroup: pages), _worker);
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        return (group, await _database.StartAsync(group));
    }
}
