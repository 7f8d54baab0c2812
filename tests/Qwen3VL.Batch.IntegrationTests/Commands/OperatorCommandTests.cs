using System.Text.Json;
using Qwen3VL.Batch.IntegrationTests.Storage;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Commands;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Diagnosis;
using Qwen3VL.Batch.Worker.Output;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Commands;

[Collection(PostgresServer.Collection)]
public sealed class OperatorCommandTests(PostgresServer server) : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private LedgerDatabase _database = null!; // set before each test
    private string _connectionString = "";
    private long _worker;

    public async Task InitializeAsync()
    {
        _connectionString = await server.CreateMigratedDatabaseAsync();
        _database = LedgerDatabase.Open(_connectionString);
        _worker = await _database.WorkerAsync();
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
    }

    [Fact]
    public async Task Jobs_CsvWithAHostileSource_IsOneLineOfCellsAndNoFormula()
    {
        Guid job = await _database.SubmitAsync("k,1");
        await _database.ExecuteAsync("UPDATE vq.jobs SET source_uri = E'=cmd|\"x\"\\nnext' WHERE id = @job", new { job });

        (await RunAsync("jobs", "--tenant", "7", "--format", "csv")).ShouldBe(ExitCodes.Done);

        string[] lines = _out.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        lines[0].ShouldBe("job,key,state,chunks,failed,age,duration,source,error");
        lines[1].ShouldStartWith($"{job},\"k,1\",accepted,,0,");
        lines[1].ShouldEndWith(",,\"'=cmd|\"\"x\"\" next\",");
        lines.Length.ShouldBe(2);
    }

    [Fact]
    public async Task Jobs_OtherTenant_SeesNothing()
    {
        Guid job = await _database.SubmitAsync("a");

        (await RunAsync("jobs", "--tenant", "8")).ShouldBe(ExitCodes.Done);
        (await RunAsync("jobs", "show", job.ToString(), "--tenant", "8")).ShouldBe(ExitCodes.Failed);
        (await RunAsync("jobs", "show", "a", "--tenant", "8")).ShouldBe(ExitCodes.Failed);

        _out.ToString().ShouldBeEmpty();
    }

    [Fact]
    public async Task JobsShow_ByKey_TellsGroupsAndUsage()
    {
        await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(2), _worker);
        await _database.ClaimOneAsync(_worker);

        (await RunAsync("jobs", "show", "a", "--tenant", "7")).ShouldBe(ExitCodes.Done);

        _out.ToString().ShouldContain($"1 bulk, chunks 0..0: leased by worker {_worker} for ");
        _out.ToString().ShouldContain("2 bulk, chunks 1..1: ready, 0 claims, 0 lost");
        _out.ToString().ShouldContain("2 open, 0 succeeded, 0 given up, 0 cancelled");
    }

    [Fact]
    public async Task Jobs_Watch_ShowsEachChangeAndEndsWithTheLastJob()
    {
        Guid job = await _database.SubmitAsync("a");
        var time = new ManualTime();
        Task<int> watch = RunAsync(time, "jobs", "--tenant", "7", "--watch", "--format", "json");
        await Eventually.TrueAsync(() => Task.FromResult(time.ArmedTimers > 0), Patience, "the wait for the next look");

        await _database.ExecuteAsync("UPDATE vq.jobs SET state = 'cancelled', finished_at = now() WHERE id = @job", new { job });
        time.Advance(Watch.Interval);

        (await watch.WaitAsync(Patience)).ShouldBe(ExitCodes.Done);
        string[] states = [.. Lines().Select(line => line.GetProperty("state").GetString() ?? "")];
        states.ShouldBe(["accepted", "cancelled"]);
    }

    [Fact]
    public async Task Workers_Json_SaysWhoLives()
    {
        await _database.ExecuteAsync("UPDATE vq.workers SET beat_at = now() - interval '1 day'");
        await _database.WorkerAsync();

        (await RunAsync("workers", "--format", "json")).ShouldBe(ExitCodes.Done);

        Lines().Select(line => line.GetProperty("state").GetString()).ShouldBe(["lost", "live"]);
        Lines()[0].GetProperty("lanes").EnumerateArray().Select(lane => lane.GetString()).ShouldBe(["bulk", "interactive"]);
    }

    [Fact]
    public async Task Drain_WaitsUntilTheWorkerHasStopped()
    {
        var time = new ManualTime();
        Task<int> drain = RunAsync(time, "drain", _worker.ToString(System.Globalization.CultureInfo.InvariantCulture), "--wait");
        await Eventually.TrueAsync(() => Task.FromResult(time.ArmedTimers > 0), Patience, "the wait for the worker");
        (await _database.Ledger.HeartbeatAsync(_worker, [], LedgerDatabase.LeaseTime, default)).DrainRequested.ShouldBeTrue();

        await _database.Ledger.UnregisterWorkerAsync(_worker, default);
        time.Advance(TimeSpan.FromSeconds(1));

        (await drain.WaitAsync(Patience)).ShouldBe(ExitCodes.Done);
        _error.ToString().ShouldContain("the workers notice with their next heartbeat");
        (await RunAsync("drain", "999")).ShouldBe(ExitCodes.Failed);
    }

    [Fact]
    public async Task Drain_HostThatNoRunningWorkerHas_FailsAndSaysSo()
    {
        await _database.Ledger.UnregisterWorkerAsync(_worker, default);
        string host = (await _database.QueryAsync<string>("SELECT host FROM vq.workers")).Single();

        (await RunAsync("drain", "--host", host, "--wait")).ShouldBe(ExitCodes.Failed);
        (await RunAsync("drain", "--host", "elsewhere")).ShouldBe(ExitCodes.Failed);

        _error.ToString().ShouldContain($"no running worker matches: --host {host}");
        _error.ToString().ShouldContain("no running worker matches: --host elsewhere");
        _error.ToString().ShouldNotContain("stopped");
    }

    [Fact]
    public async Task Drain_AllWhenNoneRuns_IsDoneAndSaysSo()
    {
        await _database.Ledger.UnregisterWorkerAsync(_worker, default);

        (await RunAsync("drain", "--all", "--wait")).ShouldBe(ExitCodes.Done);

        _error.ToString().ShouldContain("no worker runs");
        _error.ToString().ShouldNotContain("stopped");
    }

    [Fact]
    public async Task Sweep_LeaseRanOut_SaysThatItWasTakenBack()
    {
        await _database.SubmitAsync("a");
        await _database.ClaimOneAsync(_worker);
        await _database.ExecuteAsync("UPDATE vq.work SET lease_until = now() - interval '1 second'");

        (await RunAsync("sweep", "--once", "--json")).ShouldBe(ExitCodes.Done);

        Lines()[0].GetProperty("sweep").GetProperty("expiredLeases").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Sweep_WorkIsLost_RebuildsItAndSaysSo()
    {
        await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(2), _worker);
        await _database.SubmitAsync("b");
        await _database.ExecuteAsync("DELETE FROM vq.work");

        (await RunAsync("sweep", "--json")).ShouldBe(ExitCodes.Done);
        (await RunAsync("sweep")).ShouldBe(ExitCodes.Done);

        string[] lines = _out.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        JsonElement healing = JsonDocument.Parse(lines[0]).RootElement.GetProperty("healing");
        (healing.GetProperty("groups").GetInt32(), healing.GetProperty("plannings").GetInt32()).ShouldBe((2, 1));
        lines.ShouldContain("groups rebuilt             0");
        (await _database.CountAsync("vq.work")).ShouldBe(3);
    }

    [Fact]
    public async Task Sweep_OldRowsCannotBeDeleted_SaysWhatElseWasDoneAndFails()
    {
        await _database.SubmitPlannedAsync("a", LedgerDatabase.Plan(2), _worker);
        await _database.ExecuteAsync("DELETE FROM vq.work");
        await _database.ExecuteAsync("ALTER TABLE vq.rejections RENAME TO elsewhere");

        (await RunAsync("sweep", "--json")).ShouldBe(ExitCodes.Failed);

        JsonElement report = Lines()[0];
        report.GetProperty("healing").GetProperty("groups").GetInt32().ShouldBe(2);
        report.GetProperty("failed")[0].GetString().ShouldBe(nameof(Npgsql.PostgresException));
    }

    [Fact]
    public async Task Partitions_TooFewAhead_FailsUntilEnsured()
    {
        await _database.ExecuteAsync("DO $$ BEGIN EXECUTE 'DROP TABLE vq.boxes_' || to_char((now() AT TIME ZONE 'UTC') + interval '1 month', 'YYYYMM'); END $$");

        (await RunAsync("partitions")).ShouldBe(ExitCodes.Failed);
        _error.ToString().ShouldContain("too few");
        (await RunAsync("partitions", "ensure")).ShouldBe(ExitCodes.Done);
        (await RunAsync("partitions")).ShouldBe(ExitCodes.Done);
    }

    [Fact]
    public async Task Doctor_MonthWithoutPartitions_Fails()
    {
        var settings = Settings.Load(new Dictionary<string, string?> { ["Database:ConnectionString"] = _connectionString }, SettingsSections.Database);
        (await PartitionsAsync()).Level.ShouldBe(CheckLevel.Ok);
        await _database.ExecuteAsync("DO $$ BEGIN EXECUTE 'DROP TABLE vq.boxes_' || to_char((now() AT TIME ZONE 'UTC') + interval '1 month', 'YYYYMM'); END $$");

        CheckResult result = await PartitionsAsync();

        result.Level.ShouldBe(CheckLevel.Fail);
        result.Message.ShouldContain("0 months ahead");
        result.Advice.ShouldNotBeNull().ShouldContain("partitions ensure");

        async Task<CheckResult> PartitionsAsync() =>
            (await new SessionCheck(TimeProvider.System).RunAsync(settings, default)).Single(found => found.Name == "partitions");
    }

    [Fact]
    public async Task PartitionsDrop_DryRunThenYes_DropsOnlyThen()
    {
        string month = (await _database.QueryAsync<string>("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM')")).Single();

        (await RunAsync("partitions", "drop", "--before", month, "--dry-run")).ShouldBe(ExitCodes.Done);
        _out.ToString().ShouldContain("would be dropped");
        (await new PostgresPartitions(_database.Source).ListAsync(default)).Count.ShouldBe(4);

        (await RunAsync("partitions", "drop", "--before", month, "--yes")).ShouldBe(ExitCodes.Done);
        (await new PostgresPartitions(_database.Source).ListAsync(default)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Usage_PricesSet_AreListed()
    {
        (await RunAsync("usage", "prices", "set", "--currency", "EUR", "--prompt", "0.15", "--output", "0.6", "--engine-second", "0.001")).ShouldBe(ExitCodes.Done);
        (await RunAsync("usage", "prices", "set", "--currency", "USD", "--prompt", "0.15")).ShouldBe(ExitCodes.Failed);
        (await RunAsync("usage", "prices", "--format", "csv")).ShouldBe(ExitCodes.Done);
        (await RunAsync("usage", "--tenant", "7")).ShouldBe(ExitCodes.Done);
        await _database.SubmitAsync("a");
        (await RunAsync("jobs", "show", "a", "--tenant", "7")).ShouldBe(ExitCodes.Done);

        _error.ToString().ShouldContain("must be that of the first price list, EUR");
        _out.ToString().ShouldContain("0.000000 EUR");
        _out.ToString().ShouldContain(",EUR,0.150,0.000,0.600,0.001000");
        PriceVersion price = (await new PostgresUsage(_database.Source).ListPricesAsync(default)).ShouldHaveSingleItem();
        (price.NanoPerPromptToken, price.NanoPerOutputToken, price.NanoPerEngineSecond).ShouldBe((150, 600, 1_000_000));
    }

    private JsonElement[] Lines() =>
        [.. _out.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    private Task<int> RunAsync(params string[] arguments) => RunAsync(TimeProvider.System, arguments);

    private Task<int> RunAsync(TimeProvider time, params string[] arguments)
    {
        var terminal = new Terminal(_out, _error, outIsTerminal: false, errorIsTerminal: false);
        return new BatchCommandLine(terminal, time, new DatabaseConnections(_connectionString))
            .RunAsync([.. arguments, "--database", "Host=given-by-the-test"], CancellationToken.None);
    }
}
