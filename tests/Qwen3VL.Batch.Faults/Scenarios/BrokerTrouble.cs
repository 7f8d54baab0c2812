using System.Diagnostics;
using Npgsql;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Processes;
using Qwen3VL.Batch.Messaging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>A broker that stops in order (F13), gives up on a slow handler (F14), has a full queue (F25), no disk (F26), no topology (F27).</summary>
internal static class BrokerTrouble
{
    /// <summary>The scenarios.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("F13", "orderly stop and start of the broker's application, while clients send", StopAndStartAsync) { RunsAlone = true, SettleLimit = TimeSpan.FromSeconds(120) },
        new("F14", "a handler that outlasts the broker's consumer timeout", TimeOutConsumerAsync) { RunsAlone = true, SettleLimit = TimeSpan.FromSeconds(120) },
        new("F25", "a subscriber whose queue is full and refuses", FullQueueAsync),
        new("F26", "the broker's alarm: no disk", AlarmAsync) { RunsAlone = true, SettleLimit = TimeSpan.FromSeconds(120) },
        new("F27-queue", "the queue of commands is deleted while a worker reads it", world => DeleteAsync(world, channel => DeleteQueueAsync(world, channel)))
        {
            SettleLimit = TimeSpan.FromSeconds(120),
        },
        new("F27-exchange", "the exchange of events is deleted", DeleteExchangeAsync) { SettleLimit = TimeSpan.FromSeconds(120) },
    ];

    private static async Task StopAndStartAsync(World world)
    {
        using var stop = new CancellationTokenSource();

        // A worker whose client library has lost its consumer for good ends, and is started again.
        Task rounds = RoundsAsync(world);
        Task keeping = world.KeepWorkersAsync(new WorkerSetup { DelayMs = 50 }, 1, () => rounds);
        Task<double>[] senders = [.. Enumerable.Range(0, 4).Select(_ => SendUntilAsync(world, stop.Token))];
        await Task.WhenAny(rounds, keeping);
        await stop.CancelAsync();
        double longest = (await Task.WhenAll(senders)).Max();
        await rounds;
        await keeping;
        world.Counts["longest send s"] = longest;
        world.Require(longest < 35, $"a sending must return within its limit of 30 s; one took {longest:F1} s");
    }

    private static async Task RoundsAsync(World world)
    {
        await TakenInAsync(world, 0);
        for (int round = 0; round < 3; round++)
        {
            int taken = await world.ValueAsync<int>("SELECT count(*)::int FROM vq.jobs");
            world.Inject("broker stop_app");
            await world.Servers.Broker.ControlAsync("stop_app");
            await world.Servers.Broker.ControlAsync("start_app");
            await world.MeasureAsync("broker stop and start", 150, () => TakenInAsync(world, taken));
        }
    }

    private static Task<int> TakenInAsync(World world, int before) => world.SeeAsync<int>(
        "SELECT count(*)::int FROM vq.jobs", null, jobs => jobs > before, "a command that is taken in", TimeSpan.FromSeconds(240));

    // Sends until it is told to stop; what was not confirmed is sent again, as a client does. Returns the longest sending in seconds.
    private static async Task<double> SendUntilAsync(World world, CancellationToken stop)
    {
        double longest = 0;
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(500), World.Time);
        while (!stop.IsCancellationRequested)
        {
            ExpectedJob job = world.NewJob(1);
            lock (world.Expected.Jobs)
            {
                world.Expected.Jobs.Add(job);
            }

            for (bool isSent = false; !isSent;)
            {
                var watch = Stopwatch.StartNew();
                try
                {
                    await world.SendAsync(World.Command(job));
                    isSent = true;
                }
                catch (BrokerException)
                {
                    // Not confirmed: sending it again is safe.
                    await Task.Delay(TimeSpan.FromMilliseconds(200), World.Time, CancellationToken.None);
                }

                longest = Math.Max(longest, watch.Elapsed.TotalSeconds);
            }

            _ = await pace.WaitForNextTickAsync(CancellationToken.None);
        }

        return longest;
    }

    private static async Task TimeOutConsumerAsync(World world)
    {
        world.AtEnd(() => SetConsumerTimeoutAsync(world, 1_800_000));
        await SetConsumerTimeoutAsync(world, 10_000);

        // The handler lasts: it waits for the lock for longer than the broker waits for the handler, which looks once a minute.
        var handler = TimeSpan.FromSeconds(150);
        WorkerProcess worker = world.StartWorker();
        await world.UntilRegisteredAsync(worker);
        ExpectedJob job = world.NewJob(2);
        await using (var session = new NpgsqlConnection(world.Database + ";Pooling=false"))
        {
            await session.OpenAsync();
            await using NpgsqlTransaction transaction = await session.BeginTransactionAsync();
            await using var hold = new NpgsqlCommand("LOCK TABLE vq.idempotency_keys IN ACCESS EXCLUSIVE MODE", session, transaction);
            await hold.ExecuteNonQueryAsync();
            world.Inject("consumer timeout");
            await world.SubmitAsync(job);
            await Task.Delay(handler, World.Time);
        }

        await world.MeasureAsync("consumer timeout", 60, () => world.UntilEndedAsync(job, TimeSpan.FromSeconds(90)));
        await SetConsumerTimeoutAsync(world, 1_800_000);
        ExpectedJob next = world.NewJob(2);
        await world.SubmitAsync(next);
        await world.UntilEndedAsync(next, TimeSpan.FromSeconds(90));
    }

    private static Task SetConsumerTimeoutAsync(World world, int milliseconds) =>
        world.Servers.Broker.ControlAsync("eval", $"application:set_env(rabbit, consumer_timeout, {milliseconds}).");

    private static async Task FullQueueAsync(World world)
    {
        const string full = "faults.full";
        await using IConnection connection = await BrokerConnection.OpenAsync(world.Broker, "fault suite", CancellationToken.None);
        await using IChannel channel = await connection.CreateChannelAsync();
        var arguments = new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-max-length"] = 1, ["x-overflow"] = "reject-publish" };
        _ = await channel.QueueDeclareAsync(full, durable: true, exclusive: false, autoDelete: false, arguments);
        await channel.QueueBindAsync(full, BrokerNames.Events, "#");
        world.StartWorker();
        world.Inject("full queue");
        IReadOnlyList<ExpectedJob> jobs = await world.SubmitAsync(4, 8);
        foreach (ExpectedJob job in jobs)
        {
            await world.UntilEndedAsync(job);
        }

        long waiting = await world.SeeAsync<long>("SELECT count(*) FROM vq.outbox WHERE last_error IS NOT NULL", null, rows => rows > 0, "events that the broker refuses");
        world.Counts["events refused"] = waiting;
        await world.MeasureAsync("full queue", 30, async () =>
        {
            _ = await channel.QueueDeleteAsync(full);
            _ = await world.SeeAsync<long>("SELECT count(*) FROM vq.outbox", null, rows => rows == 0, "an empty outbox");
        });
    }

    private static async Task AlarmAsync(World world)
    {
        world.AtEnd(() => world.Servers.Broker.ControlAsync("set_disk_free_limit", "50MB"));
        const int pages = 40;
        world.Folder.WriteOrders([new FaultOrder(FaultAction.Gate) { PageNo = pages, Gate = "alarm" }]);
        world.StartWorker();
        await world.SubmitAsync(1, pages);
        await world.UntilDoneAsync(pages - 1);
        int events = world.Events.Count;
        world.Inject("disk alarm");
        await world.Servers.Broker.ControlAsync("set_disk_free_limit", "9000GB");

        // Nothing can be told; the work goes on to its end.
        world.Folder.OpenGate("alarm");
        await world.UntilEndedAsync(world.Expected.Jobs[0]);
        world.Require(!world.Events.Any(seen => seen.IsFinal), "a broker in alarm must take no event; it did");
        await world.Servers.Broker.ControlAsync("set_disk_free_limit", "50MB");
        await world.MeasureAsync(
            "disk alarm", 90, () => World.UntilAsync(() => Task.FromResult(world.Events.Count > events && world.Events.Any(seen => seen.IsFinal)), "events after the alarm", seconds: 120));
    }

    private static async Task DeleteAsync(World world, Func<IChannel, Task> delete)
    {
        world.StartWorker();
        ExpectedJob before = world.NewJob(2);
        await world.SubmitAsync(before);
        await world.UntilEndedAsync(before);
        await using IConnection connection = await BrokerConnection.OpenAsync(world.Broker, "fault suite", CancellationToken.None);
        await using IChannel channel = await connection.CreateChannelAsync();
        world.Inject("topology deleted");
        await delete(channel);
        ExpectedJob after = world.NewJob(2);
        await world.MeasureAsync("topology loss", 60, async () =>
        {
            await world.SubmitAsync(after);
            await world.UntilEndedAsync(after, TimeSpan.FromSeconds(120));
        });
    }

    // The worker is to declare the queue again. A client that does so within milliseconds of the deletion meets a trap of RabbitMQ 3.10: the new
    // queue counts its first message as delivered to the old one's consumer, which never sees it, until the consumer's timeout.
    private static async Task DeleteQueueAsync(World world, IChannel channel)
    {
        _ = await channel.QueueDeleteAsync(BrokerNames.Commands);
        await World.UntilAsync(async () => await ConsumersAsync(world) > 0, "a consumer of the queue that was deleted", seconds: 90);
    }

    private static async Task<uint> ConsumersAsync(World world)
    {
        await using IConnection connection = await BrokerConnection.OpenAsync(world.Broker, "fault suite", CancellationToken.None);
        await using IChannel channel = await connection.CreateChannelAsync();
        try
        {
            return await channel.ConsumerCountAsync(BrokerNames.Commands);
        }
        catch (OperationInterruptedException)
        {
            return 0;
        }
    }

    // The subscriber's binding goes with the exchange: subscribers bind anew, here the harness does it for its own.
    private static Task DeleteExchangeAsync(World world) => DeleteAsync(world, async channel =>
    {
        await channel.ExchangeDeleteAsync(BrokerNames.Events);
        await using IConnection connection = await BrokerConnection.OpenAsync(world.Broker, "fault suite", CancellationToken.None);
        await Topology.DeclareAsync(connection, CancellationToken.None);
        await channel.QueueBindAsync(Servers.EventWatcher.Queue, BrokerNames.Events, "#");
    });
}
