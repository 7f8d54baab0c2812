using Npgsql;
using Qwen3VL.Batch.Migrations;
using Qwen3VL.TestKit.Servers;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

/// <summary>The one PostgreSQL server of this assembly's storage tests; each test takes a database of its own.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    public const string Collection = "postgres";

    private PrivatePostgres? _postgres;

    private string _migrated = "";

    private PrivatePostgres Postgres => _postgres ?? throw new InvalidOperationException("server must be started first");

    public Task<string> CreateDatabaseAsync() => Postgres.CreateDatabaseAsync();

    /// <summary>A database with the schema in it: a copy, which is faster than the migrations.</summary>
    public Task<string> CreateMigratedDatabaseAsync() => Postgres.CreateDatabaseAsync(_migrated);

    public async Task InitializeAsync()
    {
        _postgres = await PrivatePostgres.StartAsync();
        string connectionString = await _postgres.CreateDatabaseAsync();
        await new MigrationRunner(connectionString, TimeProvider.System, TestLogins.Options).ApplyAsync(null, default);
        _migrated = new NpgsqlConnectionStringBuilder(connectionString).Database ?? "";
    }

    public async Task DisposeAsync()
    {
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }

    [CollectionDefinition(Collection)]
    public sealed class Definition : ICollectionFixture<PostgresServer>;
}
