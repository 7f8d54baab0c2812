using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

[Collection(PostgresServer.Collection)]
public sealed class FleetTests(PostgresServer server) : IAsyncLifetime
{
    private LedgerDatabase _database = null!; // set before each test
    private PostgresFleet _fleet = null!; // set before each test

    public async Task InitializeAsync()
    {
        _database = await LedgerDatabase.CreateAsync(server);
        _fleet = new PostgresFleet(_database.WorkerSource);
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task List_WorkerWithALease_TellsWhoAndWhat()
    {
        long id = await RegisterAsync("one");
        await _database.SubmitAsync("a");
        await _database.ClaimOneAsync(id);

        WorkerRow row = (await _fleet.ListAsync(all: false, default)).ShouldHaveSingleItem();

        (row.Id, row.Host, row.ProcessId, row.Version, row.Slots, row.Held).ShouldBe((id, "one", 42, "1.2", 3, 1));
        row.Lanes.ShouldBe([Lanes.Interactive]);
        row.State(leaseSeconds: 60).ShouldBe("live");
    }

    [Fact]
    public async Task List_SilentForLongerThanALease_IsLost()
    {
        await RegisterAsync("one");
        await _database.ExecuteAsync("UPDATE vq.workers SET beat_at = now() - interval '61 seconds'");

        (await _fleet.ListAsync(all: false, default)).ShouldHaveSingleItem().State(leaseSeconds: 60).ShouldBe("lost");
    }

    [Fact]
    public async Task RequestDrain_ById_WorkerLearnsItFromItsNextBeat()
    {
        long asked = await RegisterAsync("one");
        long other = await RegisterAsync("one");

        (await _fleet.RequestDrainAsync(new DrainSelection([asked, 999_999], null, false), default)).ShouldBe([asked]);

        (await BeatAsync(asked)).ShouldBeTrue();
        (await BeatAsync(other)).ShouldBeFalse();
        (await _fleet.RunningAsync([asked, other], default)).ShouldBe([asked, other]);
        await _database.Ledger.UnregisterWorkerAsync(asked, default);
        (await _fleet.RunningAsync([asked, other], default)).ShouldBe([other]);
    }

    [Fact]
    public async Task RequestDrain_ByHostOrAll_ReachesThoseThatRunAndKeepsTheFirstTime()
    {
        long stopped = await RegisterAsync("one");
        await _database.Ledger.UnregisterWorkerAsync(stopped, default);
        long first = await RegisterAsync("one");
        long second = await RegisterAsync("two");

        (await _fleet.RequestDrainAsync(new DrainSelection([], "one", false), default)).ShouldBe([first]);
        DateTime at = await DrainedAtAsync(first);
        (await _fleet.RequestDrainAsync(new DrainSelection([], null, true), default)).ShouldBe([first, second]);
        (await DrainedAtAsync(first)).ShouldBe(at);
    }

    [Fact]
    public async Task MarkDraining_StateOfTheWorker_IsDrainingThenStopped()
    {
        long id = await RegisterAsync("one");

        await _database.Ledger.MarkDrainingAsync(id, default);
        (await _fleet.ListAsync(all: false, default)).ShouldHaveSingleItem().State(60).ShouldBe("draining");

        await _database.Ledger.UnregisterWorkerAsync(id, default);
        (await _fleet.ListAsync(all: false, default)).ShouldHaveSingleItem().State(60).ShouldBe("stopped");
    }

    private Task<long> RegisterAsync(string host) => _database.Ledger.RegisterWorkerAsync(new WorkerIdentity(host, 42, "1.2", 3, [Lanes.Interactive]), default);

    private async Task<bool> BeatAsync(long worker) => (await _database.Ledger.HeartbeatAsync(worker, [], LedgerDatabase.LeaseTime, default)).DrainRequested;

    private async Task<DateTime> DrainedAtAsync(long worker) =>
        (await _database.QueryAsync<DateTime>("SELECT drain_at FROM vq.workers WHERE id = @worker", new { worker })).Single();
}
