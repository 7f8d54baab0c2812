using System.Diagnostics;
using System.Globalization;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Processes;
using Qwen3VL.Batch.Faults.Scenarios;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>Workers that stop between the engine's answer and the commit, lose their leases, and go on.</summary>
internal static class ZombieFigure
{
    private const int Pages = 40;

    /// <summary>The figure.</summary>
    public static Figure Figure { get; } = new(
        "zombies",
        "Stopped workers that wake up",
        """
        A worker process over the deterministic engine stops itself with SIGSTOP after an answer and before its commit; another worker runs beside
        it. Leases of 3 s. When all its groups are with the other it is woken (SIGCONT): its completion must be refused.
        """,
        MeasureAsync);

    private static async Task<IReadOnlyList<FigureRow>> MeasureAsync(FigureRun run)
    {
        await using World world = await run.WorldAsync("zombies");
        await using var watch = new TakeoverWatch(world.Database);
        var setup = new WorkerSetup { Slots = 2, DelayMs = 60 };
        world.StartWorker(setup);
        for (int round = 0; round < run.Sizes.Zombies; round++)
        {
            await StopOneAsync(world, watch, setup);
        }

        bool settled = await world.SettleAsync(TimeSpan.FromSeconds(60));
        CheckReport report = await world.CheckAsync();
        double[] seconds = [.. watch.Seconds];
        string broken = report.Violations.Count == 0 && settled ? "none" : string.Join("; ", report.Violations.Take(3));
        return
        [
            new("time until a stopped worker's groups are with another", Statistics.MedianAndLongest(seconds), string.Create(CultureInfo.InvariantCulture, $"{seconds.Length} stops, {watch.Groups} groups")),
            new("completions refused after waking", string.Create(CultureInfo.InvariantCulture, $"{report.Counts["completions refused"]}"), "at least one for each stop is expected; each would have been a second result"),
            new("duplicate result rows", string.Create(CultureInfo.InvariantCulture, $"{report.Counts["duplicate result rows"]}"), string.Create(CultureInfo.InvariantCulture, $"{report.Counts["chunks"]} chunks")),
            new("rules of the checker broken", broken, "I1 to I12"),
        ];
    }

    private static async Task StopOneAsync(World world, TakeoverWatch watch, WorkerSetup setup)
    {
        string point = string.Create(CultureInfo.InvariantCulture, $"{ReachedPoint.AfterEngine}:{world.Random.Next(1, 6)}");
        WorkerProcess zombie = world.StartWorker(setup with { PauseAt = point });
        await world.UntilRegisteredAsync(zombie);
        ExpectedJob job = world.NewJob(Pages);
        await world.SubmitAsync(job);
        await zombie.StoppedAsync(TimeSpan.FromSeconds(60));
        world.Inject("SIGSTOP");
        watch.Lost(await watch.HeldAsync(zombie.Id), Stopwatch.GetTimestamp());
        _ = await watch.AllOverAsync(TimeSpan.FromSeconds(60));
        await zombie.ContinueAsync();
        _ = await world.UntilEndedAsync(job);
        await zombie.TerminateAsync();
        _ = await zombie.ExitAsync(TimeSpan.FromSeconds(40));
    }
}
