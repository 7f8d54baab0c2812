using Npgsql;
using Qwen3VL.Batch.Storage;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

[Collection(PostgresServer.Collection)]
public sealed class SweepLeaderTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private LedgerDatabase _database = null!; // set before each test
    private DatabaseOptions _options = new();

    public async Task InitializeAsync()
    {
        string connectionString = await server.CreateMigratedDatabaseAsync();
        _options = new DatabaseOptions { ConnectionString = TestLogins.AsWorker(connectionString) };
        _database = LedgerDatabase.Open(connectionString);
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task TryLead_SecondWorker_LeadsOnlyWhenTheFirstIsGone()
    {
        await using PostgresSweepLeader second = Leader();
        await using (PostgresSweepLeader first = Leader())
        {
            (await first.TryLeadAsync(default)).ShouldBeTrue();
            (await first.TryLeadAsync(default)).ShouldBeTrue();
            (await second.TryLeadAsync(default)).ShouldBeFalse();
        }

        await Eventually.TrueAsync(() => second.TryLeadAsync(default), Patience, "the lead of the second");
    }

    [Fact]
    public async Task TryLead_SessionOfTheLeaderEnds_LeadIsFreeAndTheLeaderSeesIt()
    {
        await using PostgresSweepLeader first = Leader();
        await using PostgresSweepLeader second = Leader();
        (await first.TryLeadAsync(default)).ShouldBeTrue();

        await _database.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()");

        await Eventually.TrueAsync(() => second.TryLeadAsync(default), Patience, "the lead of the second");
        (await first.TryLeadAsync(default)).ShouldBeFalse();
    }

    [Fact]
    public async Task IsHeld_SessionThatTheDriverFoundBroken_IsNotHeld()
    {
        // As after a keep-alive that failed: the connection is not open, and says so with no exception of the driver.
        await using var broken = new SessionLock(new NpgsqlConnection(_options.ConnectionString));

        (await broken.IsHeldAsync(default)).ShouldBeFalse();
    }

    [Fact]
    public async Task TryLead_LeaderFallsSilent_ServerTakesTheLeadFromIt()
    {
        await using PostgresSweepLeader stopped = Leader(leaseSeconds: 0.2);
        await using PostgresSweepLeader next = Leader();
        (await stopped.TryLeadAsync(default)).ShouldBeTrue();

        // Nobody calls the first again, as when its process is stopped.
        await Eventually.TrueAsync(() => next.TryLeadAsync(default), Patience, "the lead of the next");
    }

    private PostgresSweepLeader Leader(double leaseSeconds = 60) => new(LedgerDataSource.CreateUnpooled(_options), TimeSpan.FromSeconds(leaseSeconds));
}
