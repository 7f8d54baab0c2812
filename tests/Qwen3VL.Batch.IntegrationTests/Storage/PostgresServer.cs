using Qwen3VL.TestKit.Servers;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

/// <summary>The one PostgreSQL server of this assembly's storage tests; each test class takes a database of its own.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    public const string Collection = "postgres";

    private PrivatePostgres? _postgres;

    public Task<string> CreateDatabaseAsync() =>
        (_postgres ?? throw new InvalidOperationException("server must be started first")).CreateDatabaseAsync();

    public async Task InitializeAsync() => _postgres = await PrivatePostgres.StartAsync();

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
