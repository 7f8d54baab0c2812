using System.Diagnostics;
using System.Globalization;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Ledger;
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
        it. Leases of 3 s. When all its groups are with the other it is woken (SIGCONT): its completion must not be stored. A stop that falls into a transaction of another of its threads keeps that
        transaction's locks until the server ends the session, after 30 s (idle_in_transaction_session_timeout).
        """,
        MeasureAsync);

    private static async Task<IReadOnlyList<FigureRow>> MeasureAsync(FigureRun run)
    {
        await using World world = await run.WorldAsync("zombies");
        await using var watch = new TakeoverWatch(world.Database);
        var setup = new WorkerSetup { Slots = 2, DelayMs = 60 };
        var zombies = new List<int>();
        world.StartWorker(setup);
        for (int round = 0; round < run.Sizes.Zombies; round++)
        {
            zombies.Add(await StopOneAsync(world, watch, setup));
        }

        bool settled = await world.SettleAsync(TimeSpan.FromSeconds(60));
        CheckReport report = await world.CheckAsync();
        double[] seconds = [.. watch.Seconds];
        int failed = LedgerFile.ReadAll(world.Folder.Ledgers).Count(record => record.Event == LedgerEvent.WriteFailed && zombies.Contains(record.Pid));
        return
        [
            new("time until a stopped worker's groups are with another", Statistics.MedianAndLongest(seconds), string.Create(CultureInfo.InvariantCulture, $"{seconds.Length} stops, {watch.Groups} groups; the lease's 3 s, the sweep and the claim, and up to 30 s where the stop fell into a transaction")),
            new(
                "completions after waking that were not stored",
                string.Create(CultureInfo.InvariantCulture, $"{report.Counts["completions refused"]} refused, {failed} not written"),
                "refused: the database said that the lease is another's, and each would have been a second result; not written: the worker's own clock stopped it, or its session was gone"),
            new("duplicate result rows", string.Create(CultureInfo.InvariantCulture, $"{report.Counts["duplicate result rows"]}"), string.Create(CultureInfo.InvariantCulture, $"{report.Counts["chunks"]} chunks")),
            FigureRow.OfRules(report, settled),
        ];
    }

    private static async Task<int> StopOneAsync(World world, TakeoverWatch watch, WorkerSetup setup)
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
        return zombie.Id;
    }
}
