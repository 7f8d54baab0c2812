using Dapper;
using Npgsql;
using Qwen3VL.Batch.Migrations;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

[Collection(PostgresServer.Collection)]
public sealed class RoleTests(PostgresServer server) : IAsyncLifetime
{
    // Tables that workers only read.
    private static readonly string[] ReadByWorkers = ["dropped_months", "price_list", "usage_daily"];

    private LedgerDatabase _database = null!; // set before each test
    private string _connectionString = "";

    public static TheoryData<string> RefusedToWorkers =>
    [
        "DROP TABLE vq.outbox",
        "CREATE TABLE vq.mine (n int)",
        "CREATE TABLE public.mine (n int)",
        "ALTER TABLE vq.jobs ADD COLUMN mine int",
        "TRUNCATE vq.work",
        "DELETE FROM vq.pages",
        "DELETE FROM vq.jobs",
        "DELETE FROM vq.usage_records",
        "UPDATE vq.pages SET body = ''",
        "UPDATE vq.usage_records SET cost_nano = 0",
        "DELETE FROM vq.dead_letter_audit",
        "UPDATE vq.dead_letter_audit SET actor = 'x'",
        "INSERT INTO vq.dropped_months VALUES (now())",
        "INSERT INTO vq.price_list VALUES (1, now(), 'EUR', 0, 0, 0, 0)",
        "UPDATE public.schema_migrations SET sha256 = ''",
        "SET ROLE qwen3vl_migrate",
    ];

    public static TheoryData<string> RefusedToReaders =>
    [
        "INSERT INTO vq.inbox (consumer, message_key) VALUES ('c', 'k')",
        "UPDATE vq.workers SET drain_at = now()",
        "DELETE FROM vq.work",
        "SELECT vq.ensure_partitions(3)",
        "SELECT 1 FROM vq.work FOR UPDATE",
        "CREATE TABLE vq.mine (n int)",
    ];

    public async Task InitializeAsync()
    {
        _connectionString = await server.CreateMigratedDatabaseAsync();
        _database = LedgerDatabase.Open(_connectionString);
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [MemberData(nameof(RefusedToWorkers))]
    public Task Worker_MoreThanItsWork_IsRefused(string sql) => ShouldBeRefusedAsync(_database.WorkerSource, sql);

    [Theory]
    [MemberData(nameof(RefusedToReaders))]
    public Task Reader_AnyChange_IsRefused(string sql) => ShouldBeRefusedAsync(_database.ReaderSource, sql);

    [Fact]
    public async Task Worker_MonthMadeLater_IsWrittenAndReadThroughItsParentOnly()
    {
        (await _database.QueryAsync<int>("SELECT vq.ensure_partitions(4)")).Single().ShouldBeGreaterThan(0);
        await new PostgresPartitions(_database.WorkerSource).EnsureAsync(default);
        string later = "now() + interval '3 months'";
        await using NpgsqlConnection worker = await _database.WorkerSource.OpenConnectionAsync();

        await worker.ExecuteAsync(
            $"""
            INSERT INTO vq.jobs (id, tenant_id, priority, kind, idem_key, source_uri, tasks, options)
            VALUES (vq.uuid7_floor({later}), 7, 5, 'document', 'k', 'u', '[]', '[]')
            """);

        await using NpgsqlConnection reader = await _database.ReaderSource.OpenConnectionAsync();
        (await reader.ExecuteScalarAsync<long>("SELECT count(*) FROM vq.jobs")).ShouldBe(1);
        string partition = (await _database.QueryAsync<string>($"SELECT 'vq.jobs_' || to_char(({later}) AT TIME ZONE 'UTC', 'YYYYMM')")).Single();
        await ShouldBeRefusedAsync(_database.WorkerSource, "DELETE FROM " + partition);
    }

    [Fact]
    public async Task Tables_EveryOne_IsGivenToWorkersOrSaidToBeReadOnly()
    {
        IReadOnlyList<string> readOnly = await _database.QueryAsync<string>(
            """
            SELECT relname FROM pg_class c
            WHERE relnamespace = 'vq'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND NOT has_table_privilege('test_worker', c.oid, 'INSERT')
            ORDER BY 1
            """);

        readOnly.ShouldBe(ReadByWorkers);
        (await _database.CountAsync("pg_class WHERE relnamespace = 'vq'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND NOT has_table_privilege('test_reader', oid, 'SELECT')")).ShouldBe(0);
    }

    [Fact]
    public async Task Schema_WithRoles_RunsFunctionsWithoutRightsOverTheServer()
    {
        IReadOnlyList<bool> owners = await _database.QueryAsync<bool>(
            "SELECT rolsuper FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner WHERE pronamespace = 'vq'::regnamespace AND prosecdef");

        owners.ShouldNotBeEmpty();
        owners.ShouldAllBe(superuser => !superuser);
    }

    [Fact]
    public async Task Migrate_AgainByAMemberOfTheOwner_RenewsRights()
    {
        await _database.ExecuteAsync("REVOKE SELECT ON vq.pages FROM qwen3vl_read");

        await new MigrationRunner(_connectionString, TimeProvider.System).ApplyAsync(null, default);

        (await _database.Reader.ListJobsAsync(7, 1, default)).ShouldBeEmpty();
        (await _database.QueryAsync<bool>("SELECT has_table_privilege('test_reader', 'vq.pages', 'SELECT')")).ShouldBe([true]);
    }

    [Fact]
    public async Task Migrate_RolesByAUserWhoMayNot_SaysWhoMust()
    {
        string database = await server.CreateDatabaseAsync();
        await _database.ExecuteAsync("DROP ROLE IF EXISTS plain; CREATE ROLE plain LOGIN PASSWORD 'plain-password'");
        string name = new NpgsqlConnectionStringBuilder(database).Database ?? "";
        await _database.ExecuteAsync($"GRANT CREATE ON DATABASE {name} TO plain; ALTER DATABASE {name} OWNER TO plain");
        string asPlain = new NpgsqlConnectionStringBuilder(database) { Username = "plain", Password = "plain-password", Pooling = false }.ConnectionString;

        MigrationException error = await Should.ThrowAsync<MigrationException>(
            () => new MigrationRunner(asPlain, TimeProvider.System, new MigrationOptions { CreateRoles = true }).ApplyAsync(null, default));

        error.Message.ShouldContain("migrate --create-roles");
        (await new MigrationRunner(asPlain, TimeProvider.System).VerifyAsync(default)).ShouldBeGreaterThan(0);
    }

    private static async Task ShouldBeRefusedAsync(NpgsqlDataSource source, string sql)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync();
        PostgresException error = await Should.ThrowAsync<PostgresException>(() => connection.ExecuteAsync(sql));
        error.SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege, sql);
    }
}
