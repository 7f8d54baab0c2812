using Qwen3VL.Batch.Faults.Network;
using Qwen3VL.Batch.Faults.Processes;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>Links that lie: replies that never arrive (F3, F4), partitions (F15, F16).</summary>
internal static class NetworkFaults
{
    /// <summary>The scenarios.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("F3", "the database commits, its answer never arrives", LostCommitsAsync) { Tier = Tier.Fast },
        new("F4", "the broker takes an event, its confirm never arrives", LostConfirmsAsync) { Tier = Tier.Fast },
        new("F16-database", "partition between a worker and the database; the broker is reachable", PartitionFromDatabaseAsync) { Tier = Tier.Fast },
        new("F16-broker", "partition between a worker and the broker; the database is reachable", PartitionFromBrokerAsync) { Tier = Tier.Fast },
        new("F15-database", "half-open: the database's answers no longer arrive", HalfOpenDatabaseAsync),
        new("F15-broker", "half-open: what a worker sends no longer arrives at the broker", HalfOpenBrokerAsync) { SettleLimit = TimeSpan.FromSeconds(180) },
    ];

    private static async Task LostCommitsAsync(World world)
    {
        var fault = new FlowFault(WirePatterns.CommitComplete, first: 15, every: 7);
        world.DatabaseProxy.ToClient.Fault = fault;
        world.StartWorker(new WorkerSetup { DatabasePort = world.DatabaseProxy.Port, LeaseSeconds = 4 });
        await world.SubmitAsync(2, world.ByTier(40, 400));
        foreach (Checking.ExpectedJob job in world.Expected.Jobs)
        {
            await world.UntilEndedAsync(job);
        }

        world.DatabaseProxy.ToClient.Fault = null;
        world.Counts["unknown commits"] = fault.Fired;
        world.Require(fault.Fired >= 5, $"answers to COMMIT that were lost must be at least 5; got {fault.Fired}");
    }

    private static async Task LostConfirmsAsync(World world)
    {
        var fault = new FlowFault(WirePatterns.BasicAck, first: 2, every: 4);
        world.BrokerProxy.ToClient.Fault = fault;
        world.StartWorker(new WorkerSetup { BrokerPort = world.BrokerProxy.Port });
        for (int round = 0; round < world.ByTier(3, 12); round++)
        {
            Checking.ExpectedJob job = world.NewJob(4);
            await world.SubmitAsync(job);
            await world.UntilEndedAsync(job);
        }

        await World.UntilAsync(() => Task.FromResult(fault.Fired >= 1), "a confirm that is lost", 20);
        world.BrokerProxy.ToClient.Fault = null;

        // Taken and not confirmed: it comes again, under the same id.
        await World.UntilAsync(() => Task.FromResult(world.EventRepeats >= 1), "an event that comes again");
        world.Counts["unknown sendings"] = fault.Fired;
    }

    private static async Task PartitionFromDatabaseAsync(World world)
    {
        var setup = new WorkerSetup { Slots = 1, DelayMs = 150, ChunksAtOnce = 2 };
        WorkerProcess cut = world.StartWorker(setup with { DatabasePort = world.DatabaseProxy.Port });
        await world.SubmitAsync(1, 24);
        await world.UntilDoneAsync(2);
        world.Inject("partition worker-database");
        world.DatabaseProxy.Partition();
        WorkerProcess other = world.StartWorker(setup);

        // What the worker had begun keeps its locks until the server ends the session that is idle in a transaction: 30 s.
        await world.MeasureAsync("partition", 60, () => world.UntilEndedAsync(world.Expected.Jobs[0], TimeSpan.FromSeconds(90)));
        world.DatabaseProxy.Heal();
        world.DatabaseProxy.ResetAll();

        // The one that was cut off works again.
        await other.KillAsync();
        Checking.ExpectedJob next = world.NewJob(4);
        await world.SubmitAsync(next);
        await world.UntilEndedAsync(next);
        world.Require(!cut.HasExited, "the worker that was cut off must outlive the partition; it ended");
        world.Expected.RedonePerLostClaim = setup.ChunksAtOnce;
    }

    private static async Task PartitionFromBrokerAsync(World world)
    {
        var setup = new WorkerSetup { Slots = 1, DelayMs = 60, BrokerPort = world.BrokerProxy.Port };
        world.StartWorker(setup);
        await world.SubmitAsync(1, 60);
        await world.UntilDoneAsync(2);
        world.Inject("partition worker-broker");
        world.BrokerProxy.Partition();
        await world.UntilEndedAsync(world.Expected.Jobs[0]);
        world.BrokerProxy.Heal();
        world.BrokerProxy.ResetAll();
    }

    private static async Task HalfOpenDatabaseAsync(World world)
    {
        var setup = new WorkerSetup { Slots = 1, DelayMs = 150, ChunksAtOnce = 2 };
        WorkerProcess cut = world.StartWorker(setup with { DatabasePort = world.DatabaseProxy.Port });
        await world.SubmitAsync(1, 24);
        await world.UntilDoneAsync(2);
        world.Inject("half-open worker-database");
        world.DatabaseProxy.ToClient.Hold();
        world.StartWorker(setup);

        // What the worker had begun keeps its locks until the server ends the session: 30 s.
        await world.MeasureAsync("half-open database", 60, () => world.UntilEndedAsync(world.Expected.Jobs[0], TimeSpan.FromSeconds(90)));
        world.DatabaseProxy.Heal();
        world.DatabaseProxy.ResetAll();
        world.Require(!cut.HasExited, "the worker that was cut off must outlive it; it ended");
        world.Expected.RedonePerLostClaim = setup.ChunksAtOnce;
    }

    private static async Task HalfOpenBrokerAsync(World world)
    {
        world.StartWorker(new WorkerSetup { Slots = 1, DelayMs = 60, BrokerPort = world.BrokerProxy.Port });
        await world.SubmitAsync(1, 40);
        await world.UntilDoneAsync(2);
        world.Inject("half-open worker-broker");
        int open = world.BrokerProxy.OpenConnections;
        world.BrokerProxy.ToServer.Hold();
        await world.UntilEndedAsync(world.Expected.Jobs[0]);

        // The broker gives a silent client up after about two heartbeats, and says so to nobody.
        await World.UntilAsync(() => Task.FromResult(world.BrokerProxy.OpenConnections != open), "an end of the connection", seconds: 120);
        world.BrokerProxy.Heal();
        Checking.ExpectedJob next = world.NewJob(4);
        await world.MeasureAsync("half-open broker", 60, async () =>
        {
            await world.SubmitAsync(next);
            await world.UntilEndedAsync(next, TimeSpan.FromSeconds(90));
        });
    }
}
