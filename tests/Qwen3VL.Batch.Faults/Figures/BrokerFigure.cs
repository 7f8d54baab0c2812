using System.Diagnostics;
using System.Globalization;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Processes;
using Qwen3VL.Batch.Faults.Scenarios;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>The broker is killed, and stopped in order, while commands are sent and events told.</summary>
internal static class BrokerFigure
{
    private const string OldestEvent = "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - created_at)), 0)::float8 FROM vq.outbox";

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan OrderlyPause = TimeSpan.FromSeconds(3);

    /// <summary>The figure.</summary>
    public static Figure Figure { get; } = new(
        "broker",
        "Restart of the broker, and the longest Send",
        """
        Two worker processes over the deterministic engine; a client sends a small job every 40 ms, with confirms, and connects again when it must;
        a subscriber reads all events. The broker is killed with SIGKILL and started again at once, and stopped for 3 s in order
        (rabbitmqctl stop_app, start_app).
        """,
        MeasureAsync);

    private static async Task<IReadOnlyList<FigureRow>> MeasureAsync(FigureRun run)
    {
        await using World world = await run.WorldAsync("broker");
        var setup = new WorkerSetup { Slots = 4, DelayMs = 20 };
        world.StartWorker(setup);
        world.StartWorker(setup);
        var (commands, events, outages, booted) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        double oldest;
        using var watched = new CancellationTokenSource();
        Task<double> watching = WatchOldestAsync(world, watched.Token);
        var stream = new CommandStream(world);
        await using (stream)
        {
            await world.UntilDoneAsync(1);
            await world.Servers.Broker.FlushDeclarationsAsync();
            for (int round = 0; round < 2 * run.Sizes.Restarts; round++)
            {
                bool isKill = round % 2 == 0;
                await run.PauseAsync(TimeSpan.FromMilliseconds(world.Random.Next(1_000, 2_000)));
                world.Inject(isKill ? "kill -9 of the broker" : "stop_app of the broker");
                long at = Stopwatch.GetTimestamp();
                int seen = world.Events.Count;
                await (isKill ? KillAsync(world, booted) : StopInOrderAsync(world, outages, run));
                long running = Stopwatch.GetTimestamp();
                seen = Math.Max(seen, world.Events.Count);
                commands.Add(await UntilAsync(() => stream.LastConfirmed > running, at));
                events.Add(await UntilAsync(() => world.Events.Count > seen, at));
            }

            await watched.CancelAsync();
            oldest = await watching;
        }

        bool settled = await world.SettleAsync(TimeSpan.FromSeconds(120));
        CheckReport report = await world.CheckAsync();
        string restarts = string.Create(CultureInfo.InvariantCulture, $"{run.Sizes.Restarts} kills and {run.Sizes.Restarts} orderly stops");
        return
        [
            new("time until the next command is confirmed, after kill -9", Statistics.MedianAndLongest(Even(commands)), string.Create(CultureInfo.InvariantCulture, $"{run.Sizes.Restarts} kills; of this the broker's own start {Statistics.Median(booted):F1} s (median)")),
            new("time until the next event is seen, after kill -9", Statistics.MedianAndLongest(Even(events)), "the same; the subscriber connects again by itself"),
            new("time until the next command is confirmed, after stop_app", Statistics.MedianAndLongest(Odd(commands)), string.Create(CultureInfo.InvariantCulture, $"{run.Sizes.Restarts} stops; of this away {Statistics.Median(outages):F1} s (median)")),
            new("time until the next event is seen, after stop_app", Statistics.MedianAndLongest(Odd(events)), "the same"),
            new("longest Send of a client", string.Create(CultureInfo.InvariantCulture, $"{stream.LongestCall:F2} s"), string.Create(CultureInfo.InvariantCulture, $"{stream.Confirmed} confirmed, {stream.Failed} failed and sent again; {restarts}; a call gives up after 30 s")),
            new("oldest event that waited to be sent", string.Create(CultureInfo.InvariantCulture, $"{oldest:F2} s"), "looked at four times a second; holds for the relay what the line above does for clients"),
            new("commands lost", string.Create(CultureInfo.InvariantCulture, $"{report.Violations.Count(violation => violation.Rule == "I8") + report.Counts["jobs lost"]}"), string.Create(CultureInfo.InvariantCulture, $"{stream.Confirmed} confirmed commands; {report.Counts["event repeats"]} events came more than once, with the same message id")),
            FigureRow.OfRules(report, settled),
        ];
    }

    private static async Task<double> WatchOldestAsync(World world, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250), World.Time);
        double oldest = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                oldest = Math.Max(oldest, await world.ValueAsync<double>(OldestEvent));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Enough was seen.
        }

        return oldest;
    }

    private static async Task KillAsync(World world, List<double> booted)
    {
        await world.Servers.Broker.KillAsync();
        long at = Stopwatch.GetTimestamp();
        await world.Servers.Broker.StartAgainAsync();
        booted.Add(Stopwatch.GetElapsedTime(at).TotalSeconds);
    }

    private static async Task StopInOrderAsync(World world, List<double> outages, FigureRun run)
    {
        await world.Servers.Broker.ControlAsync("stop_app");
        long at = Stopwatch.GetTimestamp();
        await run.PauseAsync(OrderlyPause);
        await world.Servers.Broker.ControlAsync("start_app");
        outages.Add(Stopwatch.GetElapsedTime(at).TotalSeconds);
    }

    private static async Task<double> UntilAsync(Func<bool> holds, long since)
    {
        while (!holds())
        {
            if (Stopwatch.GetElapsedTime(since) > TimeSpan.FromMinutes(2))
            {
                throw new TimeoutException("commands and events must flow again within 2 minutes; they did not");
            }

            await Task.Delay(Poll, World.Time);
        }

        return Stopwatch.GetElapsedTime(since).TotalSeconds;
    }

    private static double[] Even(List<double> values) => [.. values.Where((_, at) => at % 2 == 0)];

    private static double[] Odd(List<double> values) => [.. values.Where((_, at) => at % 2 == 1)];
}
