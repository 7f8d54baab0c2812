using System.Globalization;
using Dapper;
using Npgsql;
using Qwen3VL.Batch.Storage;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

[Collection(PostgresServer.Collection)]
public sealed class PartitionsTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private LedgerDatabase _database = null!; // set before each test
    private PostgresPartitions _partitions = null!; // set before each test
    private DateOnly _thisMonth;
    private DateOnly _lastMonth;

    public async Task InitializeAsync()
    {
        _database = await LedgerDatabase.CreateAsync(server);
        _partitions = new PostgresPartitions(_database.Source);
        _thisMonth = DateOnly.FromDateTime((await _database.QueryAsync<DateTime>("SELECT date_trunc('month', now() AT TIME ZONE 'UTC')")).Single());
        _lastMonth = _thisMonth.AddMonths(-1);
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task List_FreshDatabase_HasLastThisAndTwoMonthsOfEveryTable()
    {
        IReadOnlyList<PartitionMonth> months = await _partitions.ListAsync(default);

        months.Select(month => month.Month).ShouldBe([_lastMonth, _thisMonth, _thisMonth.AddMonths(1), _thisMonth.AddMonths(2)]);
        months.ShouldAllBe(month => month.Tables == PartitionSql.Parents.Count && month.Missing.Count == 0 && month.Bytes > 0);
        MonthsAhead ahead = MonthsAhead.Of(months, Now);
        (ahead.Count, ahead.NextMissing, ahead.Enough).ShouldBe((2, _thisMonth.AddMonths(3), true));
    }

    [Fact]
    public async Task Ensure_MonthOfOneTableIsMissing_MakesItAndSaysHowMany()
    {
        await _database.ExecuteAsync($"DROP TABLE vq.boxes_{Key(_thisMonth.AddMonths(1))}");
        MonthsAhead ahead = MonthsAhead.Of(await _partitions.ListAsync(default), Now);
        (ahead.Count, ahead.Enough).ShouldBe((0, false));

        (await _partitions.EnsureAsync(default)).ShouldBe(1);
        (await _partitions.EnsureAsync(default)).ShouldBe(0);

        MonthsAhead.Of(await _partitions.ListAsync(default), Now).Enough.ShouldBeTrue();
    }

    [Fact]
    public async Task Drop_MonthWithResults_KeepsUsageAsDaysAndEverythingElseOfOtherMonths()
    {
        await StoreJobAsync(_lastMonth, "succeeded");
        await StoreJobAsync(_thisMonth, "succeeded");

        (await _partitions.DropMonthAsync(_lastMonth, default)).ShouldBe(MonthDrop.Dropped);

        (await _partitions.ListAsync(default)).ShouldNotContain(month => month.Month == _lastMonth);
        foreach (string table in (string[])["jobs", "chunks", "pages", "captions", "boxes", "usage_records"])
        {
            (await _database.CountAsync("vq." + table)).ShouldBe(table == "usage_records" ? 2 : 1, table);
        }

        (await _database.QueryAsync<string>(
            "SELECT concat_ws(' ', tenant_id, day, chunks, executions, engine_us, prompt_tokens, cost_nano, wasted_engine_us) FROM vq.usage_daily"))
            .ShouldBe([$"7 {_lastMonth:yyyy-MM}-02 1 2 1000 10 500 300"]);
    }

    [Fact]
    public async Task Drop_JobOfTheMonthIsOpenOrHasWork_KeepsEverything()
    {
        Guid job = await StoreJobAsync(_lastMonth, "running");
        (await _partitions.DropMonthAsync(_lastMonth, default)).ShouldBe(MonthDrop.HasOpenWork);

        await _database.ExecuteAsync("UPDATE vq.jobs SET state = 'succeeded', finished_at = now() WHERE id = @job", new { job });
        await _database.ExecuteAsync("INSERT INTO vq.work (job_id, group_no, order_key, first_chunk, last_chunk) VALUES (@job, 1, now(), 0, 0)", new { job });
        (await _partitions.DropMonthAsync(_lastMonth, default)).ShouldBe(MonthDrop.HasOpenWork);

        (await _database.CountAsync("vq.boxes")).ShouldBe(1);
        (await _database.CountAsync("vq.usage_daily")).ShouldBe(0);
    }

    [Fact]
    public async Task Drop_OpenFollowUpReadsTheMonth_KeepsItUntilTheFollowUpHasEnded()
    {
        Guid job = await StoreJobAsync(_lastMonth, "succeeded");
        Guid followUp = await StoreJobAsync(_thisMonth, "running");
        await _database.ExecuteAsync("UPDATE vq.jobs SET replay_of = @job WHERE id = @followUp", new { job, followUp });
        (await _partitions.DropMonthAsync(_lastMonth, default)).ShouldBe(MonthDrop.HasOpenWork);
        (await _database.CountAsync("vq.dropped_months")).ShouldBe(0);

        await _database.ExecuteAsync("UPDATE vq.jobs SET state = 'succeeded', finished_at = now() WHERE id = @followUp", new { followUp });
        (await _partitions.DropMonthAsync(_lastMonth, default)).ShouldBe(MonthDrop.Dropped);

        (await _database.QueryAsync<DateOnly>("SELECT month FROM vq.dropped_months")).ShouldBe([_lastMonth]);
    }

    [Fact]
    public async Task Drop_ReplayBeganBefore_WaitsForItAndSeesItsFollowUp()
    {
        Guid job = await StoreJobAsync(_lastMonth, "succeeded");
        Guid followUp = await StoreJobAsync(_thisMonth, "succeeded");
        await using NpgsqlConnection replay = await _database.Source.OpenConnectionAsync();
        await using NpgsqlTransaction transaction = await replay.BeginTransactionAsync();
        await replay.ExecuteAsync(DeadLetterReplaySql.KeepMonths, new { Number = AdvisoryLocks.Months }, transaction);

        Task<MonthDrop> drop = _partitions.DropMonthAsync(_lastMonth, default);
        await Eventually.TrueAsync(async () => await _database.CountAsync("pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") == 1, Patience, "a drop that waits");
        await replay.ExecuteAsync("UPDATE vq.jobs SET replay_of = @job, state = 'running', finished_at = NULL WHERE id = @followUp", new { job, followUp }, transaction);
        await transaction.CommitAsync();

        (await drop).ShouldBe(MonthDrop.HasOpenWork);
    }

    [Fact]
    public async Task Drop_MonthThatIsNotOver_IsRefused() => (await _partitions.DropMonthAsync(_thisMonth, default)).ShouldBe(MonthDrop.NotOver);

    [Fact]
    public async Task Drop_BrokenOffAfterAnyStep_GoesOnAndCountsUsageOnce()
    {
        await StoreJobAsync(_lastMonth, "succeeded");
        string key = Key(_lastMonth);

        // Usage was detached and not yet counted, pages of boxes were dropped: what a process leaves that is killed in the middle.
        await _database.ExecuteAsync($"ALTER TABLE vq.usage_records DETACH PARTITION vq.usage_records_{key}");
        await _database.ExecuteAsync($"ALTER TABLE vq.boxes DETACH PARTITION vq.boxes_{key}");
        await _database.ExecuteAsync($"DROP TABLE vq.boxes_{key}");

        (await _partitions.DropMonthAsync(_lastMonth, default)).ShouldBe(MonthDrop.Dropped);
        (await _partitions.DropMonthAsync(_lastMonth, default)).ShouldBe(MonthDrop.Dropped);

        (await _database.QueryAsync<long>("SELECT chunks FROM vq.usage_daily")).ShouldBe([1]);
        (await _partitions.ListAsync(default)).ShouldNotContain(month => month.Month == _lastMonth);
    }

    [Fact]
    public async Task Drop_SomebodyReadsTheMonth_FinishesAfterADetachmentThatWasBrokenOff()
    {
        await StoreJobAsync(_lastMonth, "succeeded");
        await using NpgsqlConnection reader = await _database.Source.OpenConnectionAsync();
        await using (NpgsqlTransaction transaction = await reader.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead))
        {
            await using var read = new NpgsqlCommand("SELECT count(*) FROM vq.usage_records", reader, transaction);
            (await read.ExecuteScalarAsync()).ShouldBe(2L);
            using var impatient = new CancellationTokenSource(TimeSpan.FromSeconds(2), TimeProvider.System);
            await Should.ThrowAsync<OperationCanceledException>(() => _partitions.DropMonthAsync(_lastMonth, impatient.Token));
        }

        (await _partitions.DropMonthAsync(_lastMonth, default)).ShouldBe(MonthDrop.Dropped);

        (await _database.QueryAsync<long>("SELECT chunks FROM vq.usage_daily")).ShouldBe([1]);
    }

    private DateTimeOffset Now => new(_thisMonth.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    private static string Key(DateOnly month) => month.ToString("yyyyMM", CultureInfo.InvariantCulture);

    // One job with a page, a caption, a box, a billable execution and one that came too late, on the second of a month.
    private async Task<Guid> StoreJobAsync(DateOnly month, string state)
    {
        DateTime at = month.ToDateTime(new TimeOnly(12, 0), DateTimeKind.Utc).AddDays(1);
        Guid job = (await _database.QueryAsync<Guid>("SELECT vq.uuid7_floor(@at)", new { at })).Single();
        await _database.ExecuteAsync(
            """
            INSERT INTO vq.jobs (id, tenant_id, priority, state, finished_at, kind, idem_key, source_uri, tasks, options)
            VALUES (@job, 7, 5, @state, CASE WHEN @state = 'succeeded' THEN now() END, 'document', 'k', 'u', '[]', '{}');
            INSERT INTO vq.chunks (job_id, chunk_no, group_no, first_unit, last_unit, stage, kind) VALUES (@job, 0, 1, 1, 1, 0, 'pages');
            INSERT INTO vq.pages (job_id, page_no, chunk_no, width_px, height_px, width_points, height_points, rotation, truncated, content_sha256)
            VALUES (@job, 1, 0, 10, 10, 10, 10, 0, false, 'a');
            INSERT INTO vq.captions (job_id, page_no, chunk_no, body) VALUES (@job, 1, 0, 'b');
            INSERT INTO vq.boxes (job_id, page_no, box_no, chunk_no, page_width_px, page_height_px, rel_x0, rel_y0, rel_x1, rel_y1, px_x0, px_y0, px_x1, px_y1, adjusted, task, label)
            VALUES (@job, 1, 0, 0, 10, 10, 0, 0, 1, 1, 0, 0, 1, 1, false, 'spotting', 'l');
            INSERT INTO vq.usage_records (job_id, chunk_no, fence, tenant_id, at, engine_us, prompt_tokens, cached_tokens, image_tokens, output_tokens, requests, billable, cost_nano)
            VALUES (@job, 0, 1, 7, @at, 300, 10, 0, 0, 5, 1, false, 400), (@job, 0, 2, 7, @at, 1000, 10, 0, 0, 5, 1, true, 500)
            """,
            new { job, at, state });
        return job;
    }
}
