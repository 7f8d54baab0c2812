using Dapper;
using Npgsql;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

[Collection(PostgresServer.Collection)]
public sealed class UsageTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly PriceVersion Price = new()
    {
        Currency = "EUR",
        NanoPerPromptToken = 150,
        NanoPerCachedToken = 30,
        NanoPerOutputToken = 600,
        NanoPerEngineSecond = 1_000_000,
    };

    private LedgerDatabase _database = null!; // set before each test
    private PostgresUsage _usage = null!; // set before each test
    private long _worker;

    public async Task InitializeAsync()
    {
        _database = await LedgerDatabase.CreateAsync(server);
        _usage = new PostgresUsage(_database.Source);
        _worker = await _database.WorkerAsync();
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Complete_PricesHeldThen_CostIsOfThePriceOfThatTime()
    {
        DateTime now = await NowAsync();
        await DoChunkAsync("free");
        (await _usage.AddPriceAsync(Price with { ValidFrom = now }, default)).Version.ShouldBe(1);
        (await _usage.AddPriceAsync(Price with { ValidFrom = now.AddDays(1), NanoPerPromptToken = 999 }, default)).Version.ShouldBe(2);

        await DoChunkAsync("paid");

        // 100 prompt tokens, of them 20 cached; 10 of output; 5,000 microseconds.
        long cost = (80 * 150) + (20 * 30) + (10 * 600) + 5_000;
        (await _database.QueryAsync<string>("SELECT concat(price_version, ':', cost_nano) FROM vq.usage_records ORDER BY at")).ShouldBe([":", $"1:{cost}"]);
        (await SumAsync(LedgerDatabase.Tenant, UsageGrouping.Day)).ShouldHaveSingleItem().CostNano.ShouldBe(cost);
    }

    [Fact]
    public async Task AddPrice_OtherCurrencyThanTheFirst_IsRefusedWithTheOneItMustBe()
    {
        DateTime now = await NowAsync();
        await _usage.AddPriceAsync(Price with { ValidFrom = now }, default);

        AddedPrice refused = await _usage.AddPriceAsync(Price with { ValidFrom = now.AddDays(1), Currency = "USD" }, default);

        refused.ShouldBe(new AddedPrice { Version = null, Currency = "EUR" });
        (await _usage.ListPricesAsync(default)).ShouldHaveSingleItem().Currency.ShouldBe("EUR");
    }

    [Fact]
    public async Task AddPrice_WhileTheFirstOneIsNotCommitted_WaitsForItAndIsRefused()
    {
        DateTime now = await NowAsync();
        await using NpgsqlConnection other = await _database.Source.OpenConnectionAsync();
        await using NpgsqlTransaction first = await other.BeginTransactionAsync();
        await other.ExecuteAsync("INSERT INTO vq.price_list VALUES (1, @now, 'EUR', 0, 0, 0, 0)", new { now });

        Task<AddedPrice> second = _usage.AddPriceAsync(Price with { ValidFrom = now.AddDays(1), Currency = "USD" }, default);
        await Eventually.TrueAsync(async () => await _database.CountAsync("pg_stat_activity WHERE datname = current_database() AND wait_event = 'transactionid'") == 1, Patience, "a price list that waits");
        await first.CommitAsync();

        (await second.WaitAsync(Patience)).Version.ShouldBeNull();
        (await _usage.ListPricesAsync(default)).ShouldHaveSingleItem().Currency.ShouldBe("EUR");
    }

    [Fact]
    public async Task Sum_EveryGrouping_NamesTheCurrencyOnceThereIsAPrice()
    {
        Guid job = await DoChunkAsync("free");
        (await CurrenciesAsync(job)).ShouldBe([null, null, null, null]);

        await _usage.AddPriceAsync(Price with { ValidFrom = await NowAsync() }, default);

        (await CurrenciesAsync(job)).ShouldBe(["EUR", "EUR", "EUR", "EUR"]);
    }

    [Fact]
    public async Task AddPrice_BeforeTheNewestOrInThePast_IsRefused()
    {
        DateTime now = await NowAsync();

        (await _usage.AddPriceAsync(Price with { ValidFrom = now.AddHours(-1) }, default)).Version.ShouldBeNull();
        (await _usage.AddPriceAsync(Price with { ValidFrom = now.AddDays(2) }, default)).Version.ShouldBe(1);
        (await _usage.AddPriceAsync(Price with { ValidFrom = now.AddDays(1) }, default)).Version.ShouldBeNull();

        (await _usage.ListPricesAsync(default)).ShouldHaveSingleItem().Version.ShouldBe(1);
    }

    [Fact]
    public async Task Sum_TwoTenants_EachSeesItsOwnAndWasteStandsApart()
    {
        Guid job = await DoChunkAsync("mine");
        await DoChunkAsync("other", tenant: 8);
        await _database.ExecuteAsync(
            "UPDATE vq.usage_records SET billable = false, engine_us = 15000 WHERE tenant_id = 8");

        UsageRow mine = (await SumAsync(LedgerDatabase.Tenant, UsageGrouping.Job)).ShouldHaveSingleItem();
        (mine.Key, mine.Chunks, mine.PromptTokens, mine.CachedTokens, mine.ImageTokens, mine.OutputTokens, mine.EngineMicroseconds)
            .ShouldBe((job.ToString(), 1, 100, 20, 60, 10, 5_000));
        IReadOnlyList<UsageRow> all = await SumAsync(tenant: null, UsageGrouping.Tenant);
        all.Select(row => row.Key).ShouldBe(["7", "8"]);
        (all[1].Chunks, all[1].Executions, all[1].EngineMicroseconds, all[1].WastedEngineMicroseconds, all[1].WastedShare).ShouldBe((0, 1, 0, 15_000, 1.0));
    }

    [Fact]
    public async Task Sum_DayOfADroppedMonth_ComesFromTheDays()
    {
        await DoChunkAsync("mine");
        DateOnly today = DateOnly.FromDateTime(await NowAsync());
        await _database.ExecuteAsync(
            """
            INSERT INTO vq.usage_daily (tenant_id, day, chunks, executions, engine_us, prompt_tokens, cached_tokens, image_tokens, output_tokens, cost_nano, wasted_engine_us)
            SELECT tenant, (now() AT TIME ZONE 'UTC')::date - 1, 3, 4, 50, 60, 7, 8, 9, 10, 11 FROM unnest(array[7, 8]) tenant
            """);

        IReadOnlyList<UsageRow> days = await SumAsync(LedgerDatabase.Tenant, UsageGrouping.Day);

        days.Select(row => row.Key).ShouldBe([today.AddDays(-1).ToString("yyyy-MM-dd"), today.ToString("yyyy-MM-dd")]);
        (days[0].Chunks, days[0].CostNano, days[1].Chunks).ShouldBe((3, 10, 1));
        (await _usage.SumAsync(new UsageQuery(LedgerDatabase.Tenant, today, today, UsageGrouping.Day), default)).Count.ShouldBe(1);
    }

    private async Task<string?[]> CurrenciesAsync(Guid job) =>
    [
        .. (await SumAsync(LedgerDatabase.Tenant, UsageGrouping.Day)).Select(row => row.Currency),
        .. (await SumAsync(LedgerDatabase.Tenant, UsageGrouping.Job)).Select(row => row.Currency),
        .. (await SumAsync(tenant: null, UsageGrouping.Tenant)).Select(row => row.Currency),
        (await new PostgresJobInspector(_database.Source).ReadAsync(LedgerDatabase.Tenant, job, default))?.Usage.Currency,
    ];

    private async Task<DateTime> NowAsync() => (await _database.QueryAsync<DateTime>("SELECT now()")).Single();

    private async Task<IReadOnlyList<UsageRow>> SumAsync(long? tenant, UsageGrouping by)
    {
        DateOnly today = DateOnly.FromDateTime(await NowAsync());
        return await _usage.SumAsync(new UsageQuery(tenant, today.AddDays(-30), today, by), default);
    }

    private async Task<Guid> DoChunkAsync(string key, long tenant = LedgerDatabase.Tenant)
    {
        SubmitJob command = LedgerDatabase.Command(key) with { TenantId = tenant };
        Guid job = (await _database.Ledger.SubmitAsync(command, default)).JobId;
        (await _database.Ledger.CommitPlanAsync(await _database.ClaimOneAsync(_worker), LedgerDatabase.Plan(1), default)).ShouldBeTrue();
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        PlannedChunk chunk = (await _database.StartAsync(group)).ShouldHaveSingleItem();
        ChunkResult result = LedgerDatabase.PageResult(chunk);
        (await _database.Ledger.CompleteChunkAsync(group, chunk, result, default)).ShouldBe(ChunkEnd.JobFinished);
        await _database.Ledger.FinishGroupAsync(group, default);
        return job;
    }
}
