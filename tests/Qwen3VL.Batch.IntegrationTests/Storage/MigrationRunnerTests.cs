using Npgsql;
using Qwen3VL.Batch.Migrations;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

[Collection(PostgresServer.Collection)]
public sealed class MigrationRunnerTests(PostgresServer server) : IAsyncLifetime
{
    private string _database = "";

    public async Task InitializeAsync() => _database = await server.CreateDatabaseAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Apply_EmptyDatabase_AppliesEveryScriptOnceAndMakesPartitions()
    {
        MigrationRunner runner = Runner();
        (await runner.PlanAsync(default)).Pending.Count.ShouldBe(runner.TargetVersion);

        MigrationPlan first = await runner.ApplyAsync(null, default);
        MigrationPlan second = await runner.ApplyAsync(null, default);

        first.DatabaseVersion.ShouldBe(runner.TargetVersion);
        first.Pending.ShouldBeEmpty();
        second.Applied.ShouldBe(first.Applied);
        (await runner.VerifyAsync(default)).ShouldBe(runner.TargetVersion);
        (await ScalarAsync("SELECT count(*) FROM pg_inherits WHERE inhparent = 'vq.jobs'::regclass")).ShouldBe(4L);
    }

    [Fact]
    public async Task Apply_WorkOfTheVersionBefore_KeepsItsTenantAndPriority()
    {
        IReadOnlyList<MigrationScript> scripts = MigrationScript.Embedded();
        await new MigrationRunner(_database, TimeProvider.System, new MigrationOptions(), [.. scripts.Take(5)]).ApplyAsync(null, default);
        await ScalarAsync(
            """
            SELECT vq.ensure_partitions(1) FROM generate_series(1, 100);
            INSERT INTO vq.jobs (id, tenant_id, priority, kind, idem_key, source_uri, tasks, options)
            VALUES (vq.uuid7(), 7, 8, 'document', 'key', 'a.pdf', '[]', '{}');
            INSERT INTO vq.work (job_id, group_no, order_key, first_chunk, last_chunk) SELECT id, 0, now(), 0, -1 FROM vq.jobs
            """);

        await Runner().ApplyAsync(null, default);

        (await ScalarAsync("SELECT tenant_id || ' ' || priority FROM vq.work")).ShouldBe("7 8");
    }

    [Fact]
    public async Task Plan_EmptyDatabase_ChangesNothing()
    {
        await Runner().PlanAsync(default);

        (await ScalarAsync("SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'vq')")).ShouldBe(0L);
    }

    [Fact]
    public async Task Apply_FiveAtOnce_EachScriptRunsOnce()
    {
        MigrationPlan[] plans = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Runner().ApplyAsync(null, default)));

        plans.ShouldAllBe(plan => plan.Pending.Count == 0);
        (await ScalarAsync("SELECT count(*) FROM public.schema_migrations")).ShouldBe((long)Runner().TargetVersion);
    }

    [Fact]
    public async Task Apply_AppliedScriptWasEdited_IsRefused()
    {
        await Runner("CREATE TABLE a (n int)").ApplyAsync(null, default);

        MigrationRunner edited = Runner("CREATE TABLE a (n bigint)");

        (await Should.ThrowAsync<MigrationException>(() => edited.ApplyAsync(null, default))).Message.ShouldContain("0001_step");
        await Should.ThrowAsync<MigrationException>(() => edited.VerifyAsync(default));
    }

    [Fact]
    public async Task Apply_SessionKilledInTheMiddle_NextRunApplies()
    {
        // The second statement ends the session that runs the script: what a killed process or server leaves behind.
        MigrationRunner dying = Runner("CREATE TABLE a (n int)", "CREATE TABLE b (n int); SELECT pg_terminate_backend(pg_backend_pid())");
        await Should.ThrowAsync<MigrationException>(() => dying.ApplyAsync(null, default));
        (await ScalarAsync("SELECT to_regclass('b') IS NULL")).ShouldBe(true);

        MigrationPlan plan = await Runner("CREATE TABLE a (n int)", "CREATE TABLE b (n int)").ApplyAsync(null, default);

        plan.DatabaseVersion.ShouldBe(2);
        (await ScalarAsync("SELECT to_regclass('b') IS NOT NULL")).ShouldBe(true);
    }

    [Fact]
    public async Task Apply_ConcurrentIndexWhileOthersWaitForTheLock_DoesNotDeadlock()
    {
        string[] scripts = ["CREATE SCHEMA vq; CREATE TABLE vq.a (n int)", "-- no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS a_n ON vq.a (n)"];

        MigrationPlan[] plans = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Runner(scripts).ApplyAsync(null, default)));

        plans.ShouldAllBe(plan => plan.DatabaseVersion == 2);
        (await ScalarAsync("SELECT indisvalid FROM pg_index WHERE indexrelid = 'vq.a_n'::regclass")).ShouldBe(true);
    }

    [Fact]
    public async Task Apply_LockHeldByAnother_GivesUpAfterTheTimeout()
    {
        await using var holder = new NpgsqlConnection(_database);
        await holder.OpenAsync();
        await using var take = new NpgsqlCommand(MigrationSql.TryLock, holder);
        (await take.ExecuteScalarAsync()).ShouldBe(true);
        var options = new MigrationOptions { LockTimeout = TimeSpan.Zero };

        var runner = new MigrationRunner(_database, TimeProvider.System, options);

        (await Should.ThrowAsync<MigrationException>(() => runner.ApplyAsync(null, default))).Message.ShouldContain("migration lock");
    }

    [Fact]
    public async Task Verify_SchemaNewerThanProgram_IsRefused()
    {
        await Runner("SELECT 1", "SELECT 2").ApplyAsync(null, default);

        MigrationException error = await Should.ThrowAsync<MigrationException>(() => Runner("SELECT 1").VerifyAsync(default));

        error.Message.ShouldContain("at most version 1; got 2");
    }

    [Fact]
    public async Task Verify_EmptyDatabase_IsRefused() =>
        (await Should.ThrowAsync<MigrationException>(() => Runner().VerifyAsync(default))).Message.ShouldContain("at least version");

    private MigrationRunner Runner() => new(_database, TimeProvider.System);

    private MigrationRunner Runner(params string[] scripts) => new(
        _database,
        TimeProvider.System,
        new MigrationOptions(),
        [.. scripts.Select((sql, index) => MigrationScript.Parse($"{index + 1:0000}_step.sql", sql))]);

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
