using Npgsql;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Ledger;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Checking;

/// <summary>The checker finds nothing in a good run, and each thing that must never be, planted into a real database.</summary>
[Collection(FaultServersFixture.Collection)]
public sealed class CheckerTests(FaultServersFixture fixture)
{
    [Fact]
    public async Task Check_GoodRun_FindsNothing()
    {
        CleanRun run = await CleanRun.MakeAsync(fixture.Servers);

        (await run.CheckAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("I1", "UPDATE vq.jobs SET state = 'running', finished_at = NULL")]
    [InlineData("I1", "DELETE FROM vq.jobs")]
    [InlineData("I1", "INSERT INTO vq.jobs (id, tenant_id, priority, kind, idem_key, source_uri, tasks, options, state, finished_at) SELECT vq.uuid7(), tenant_id, priority, kind, idem_key, source_uri, tasks, options, state, finished_at FROM vq.jobs")]
    [InlineData("I2", "UPDATE vq.jobs SET done_chunks = 2")]
    [InlineData("I2", "UPDATE vq.chunks SET outcome = NULL, finished_at = NULL WHERE chunk_no = 1")]
    [InlineData("I3", "DELETE FROM vq.pages WHERE page_no = 2")]
    [InlineData("I3", "ALTER TABLE vq.pages DROP CONSTRAINT pages_pkey CASCADE; INSERT INTO vq.pages SELECT * FROM vq.pages WHERE page_no = 2")]
    [InlineData("I3", "UPDATE vq.chunks SET fence = fence + 1 WHERE chunk_no = 0")]
    [InlineData("I3", "INSERT INTO vq.chunk_attempts SELECT job_id, chunk_no, fence + 1, worker_id, started_at, finished_at, start_no, outcome FROM vq.chunk_attempts WHERE chunk_no = 0")]
    [InlineData("I3", "UPDATE vq.chunks SET outcome = 'cancelled' WHERE chunk_no = 0")]
    [InlineData("I3", "INSERT INTO vq.segments (job_id, chunk_no, segment_no, start_ms, end_ms, adjusted, kind, body) SELECT id, 9, 0, 0, 1, false, 'event', 'x' FROM vq.jobs")]
    [InlineData("I3", "INSERT INTO vq.segments (job_id, chunk_no, segment_no, start_ms, end_ms, adjusted, kind, body) SELECT id, no, 0, 0, 1, false, 'event', 'x' FROM vq.jobs CROSS JOIN generate_series(0, 1) no")]
    [InlineData("I3", "UPDATE vq.chunks SET kind = 'reduce' WHERE chunk_no = 2")]
    [InlineData("I3", "INSERT INTO vq.summary_parts (job_id, chunk_no, level, part_no, body) SELECT id, 9, 1, 0, 'x' FROM vq.jobs")]
    [InlineData("I4", "INSERT INTO vq.segments (job_id, chunk_no, segment_no, start_ms, end_ms, adjusted, kind, body) SELECT id, 0, 0, 0, 1, false, 'event', 'x' FROM vq.jobs")]
    [InlineData("I4", "UPDATE vq.pages SET body = 'something else' WHERE page_no = 3")]
    [InlineData("I4", "UPDATE vq.pages SET content_sha256 = repeat('0', 64) WHERE page_no = 3")]
    [InlineData("I5", "DELETE FROM vq.usage_records WHERE chunk_no = 1")]
    [InlineData("I5", "UPDATE vq.usage_records SET billable = false WHERE chunk_no = 1")]
    [InlineData("I5", "DROP INDEX vq.usage_records_billable; INSERT INTO vq.usage_records (job_id, chunk_no, fence, tenant_id, engine_us, prompt_tokens, cached_tokens, image_tokens, output_tokens, requests, billable) SELECT job_id, chunk_no, fence + 1, tenant_id, 1, 1, 0, 0, 0, 1, true FROM vq.usage_records WHERE chunk_no = 0")]
    [InlineData("I6", "UPDATE vq.jobs SET state = 'partial'")]
    [InlineData("I7", "INSERT INTO vq.work (job_id, group_no, order_key, first_chunk, last_chunk) SELECT id, 1, now(), 0, 2 FROM vq.jobs")]
    [InlineData("I7", "INSERT INTO vq.work (job_id, group_no, order_key, first_chunk, last_chunk, lease_until, lease_owner) SELECT id, 1, now(), 0, 2, now() - interval '1 hour', 1 FROM vq.jobs")]
    [InlineData("I7", "INSERT INTO vq.outbox (message_type, body) VALUES ('JobSucceeded', '{}')")]
    [InlineData("I8", "INSERT INTO vq.idempotency_keys (tenant_id, idem_key, request_hash, job_id) VALUES (0, 'never sent', decode(repeat('00', 32), 'hex'), vq.uuid7())")]
    [InlineData("I8", "DELETE FROM vq.idempotency_keys")]
    [InlineData("I8", "INSERT INTO vq.rejections (tenant_id, idem_key, request_hash, code, message) VALUES (0, 'key', decode(repeat('00', 32), 'hex'), 'x', 'y')")]
    [InlineData("I10", "UPDATE vq.chunks SET outcome = 'failed', error_code = 'x', error_message = 'y' WHERE chunk_no = 0")]
    [InlineData("I10", "INSERT INTO vq.dead_letters (source, dedup_key, error_code, attempts) VALUES ('message', 'm', 'x', 1)")]
    [InlineData("I10", "INSERT INTO vq.dead_letters (source, dedup_key, error_code, attempts) VALUES ('chunk', 'chunk:a:1', 'x', 1)")]
    public async Task Check_PlantedInTheDatabase_IsReported(string rule, string plant)
    {
        CleanRun run = await CleanRun.MakeAsync(fixture.Servers);

        await run.ExecuteAsync(plant);

        (await run.CheckAsync()).Select(violation => violation.Rule).ShouldContain(rule);
    }

    [Fact]
    public async Task Check_FinalEventNeverSeen_IsI6()
    {
        CleanRun run = await CleanRun.MakeAsync(fixture.Servers);
        run.Events.RemoveAll(seen => seen.IsFinal);

        Rules(await run.CheckAsync()).ShouldBe(["I6"]);
    }

    [Fact]
    public async Task Check_SecondFinalEventOfAnotherId_IsI6()
    {
        CleanRun run = await CleanRun.MakeAsync(fixture.Servers);
        run.Events.Add(run.Events.Single(seen => seen.IsFinal) with { MessageId = "another" });

        Rules(await run.CheckAsync()).ShouldBe(["I6"]);
    }

    [Fact]
    public async Task Check_FinalEventDeliveredTwice_IsNoViolation()
    {
        CleanRun run = await CleanRun.MakeAsync(fixture.Servers);
        run.Events.Add(run.Events.Single(seen => seen.IsFinal));

        (await run.CheckAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Check_ConfirmedCommandWithoutJob_IsI8()
    {
        CleanRun run = await CleanRun.MakeAsync(fixture.Servers);
        run.Ledger.Add(new LedgerRecord(LedgerEvent.Confirmed) { Key = "lost" });

        Rules(await run.CheckAsync()).ShouldBe(["I8"]);
    }

    [Fact]
    public async Task Check_ChunkDoneAgainWithoutALostClaim_IsI9()
    {
        CleanRun run = await CleanRun.MakeAsync(fixture.Servers);
        run.Ledger.Add(run.Ledger.Last(record => record.Event == LedgerEvent.EngineStarted));

        Rules(await run.CheckAsync()).ShouldBe(["I9"]);
    }

    [Fact]
    public async Task Check_MoreDoneAgainThanALostClaimExplains_IsI9()
    {
        CleanRun run = await CleanRun.MakeAsync(fixture.Servers);
        LedgerRecord started = run.Ledger.Last(record => record.Event == LedgerEvent.EngineStarted);
        run.Ledger.Add(new LedgerRecord(LedgerEvent.Claimed) { Job = started.Job, Chunk = 1, Fence = 2 });
        run.Ledger.AddRange(Enumerable.Repeat(started, 4));
        (await run.CheckAsync()).ShouldBeEmpty();

        run.Ledger.Add(started);

        Rules(await run.CheckAsync()).ShouldBe(["I9"]);
    }

    [Fact]
    public async Task Check_PlantedPoisonNotGivenUp_IsI10()
    {
        CleanRun run = await CleanRun.MakeAsync(fixture.Servers);
        run.Expected.Jobs[0] = run.Expected.Jobs[0] with { PoisonPages = [2] };

        Rules(await run.CheckAsync()).ShouldBe(["I10"]);
    }

    [Fact]
    public async Task Check_SessionOfAWorkerLeft_IsI11()
    {
        CleanRun run = await CleanRun.MakeAsync(fixture.Servers);
        await using var session = new NpgsqlConnection(run.Database + ";Pooling=false;Application Name=qwen3vl-batch");
        await session.OpenAsync();

        Rules(await run.CheckAsync()).ShouldBe(["I11"]);
    }

    [Fact]
    public async Task Check_MemoryAboveTheBound_IsI11()
    {
        CleanRun run = await CleanRun.MakeAsync(fixture.Servers);

        Rules(await run.CheckAsync(state => state with { ResidentMiB = run.Expected.MaxResidentMiB + 1 })).ShouldBe(["I11"]);
    }

    [Fact]
    public async Task Check_ProcessOfAWorkerLeft_IsI11()
    {
        CleanRun run = await CleanRun.MakeAsync(fixture.Servers);

        Rules(await run.CheckAsync(state => state with { LeftProcesses = [4711] })).ShouldBe(["I11"]);
    }

    [Fact]
    public async Task Check_ConsumerOfAWorkerLeft_IsI11()
    {
        CleanRun run = await CleanRun.MakeAsync(fixture.Servers);

        Rules(await run.CheckAsync(state => state with { CommandConsumers = 1 })).ShouldBe(["I11"]);
    }

    [Fact]
    public async Task Check_CaptionsAskedForAndNoneStored_IsI4()
    {
        CleanRun run = await CleanRun.MakeAsync(fixture.Servers);
        run.Expected.Jobs[0] = run.Expected.Jobs[0] with { Tasks = [JobTaskKind.Ocr, JobTaskKind.Caption] };

        Rules(await run.CheckAsync()).ShouldBe(["I4"]);
    }

    [Fact]
    public async Task Check_RecoveryTooSlow_IsI12()
    {
        CleanRun run = await CleanRun.MakeAsync(fixture.Servers);
        run.Expected.Recoveries.Add(new Recovery("worker kill", TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(8)));

        Rules(await run.CheckAsync()).ShouldBe(["I12"]);
    }

    private static string[] Rules(IReadOnlyList<Violation> violations) => [.. violations.Select(violation => violation.Rule).Distinct()];
}
