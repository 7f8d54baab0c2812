using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Processes;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>An engine that is slow (F23), or does nothing at all (F24).</summary>
internal static class EngineTrouble
{
    /// <summary>The scenarios.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("F23", "an engine 20 times slower, and one page that takes ten minutes", SlowAsync),
        new("F24", "an engine that neither answers nor fails", StuckAsync) { SettleLimit = TimeSpan.FromSeconds(90) },
    ];

    private static async Task SlowAsync(World world)
    {
        const long tenMinutes = 600_000;
        var environment = new Dictionary<string, string> { ["QWEN3VL_Worker__ChunkTimeoutSeconds"] = "8" };
        world.StartWorker(new WorkerSetup { DelayMs = 400, Environment = environment });
        ExpectedJob stuck = world.NewJob(8);
        world.Folder.WriteOrders([new FaultOrder(FaultAction.Slow) { FileSha256 = stuck.Source?.Sha256, PageNo = 3, ToAttempt = 1, Value = tenMinutes }]);
        world.Inject("slow engine");
        await world.SubmitAsync(stuck);
        await world.UntilDoneAsync(4);
        IReadOnlyList<ExpectedJob> others = await world.SubmitAsync(4, 8);
        foreach (ExpectedJob other in others)
        {
            await world.UntilEndedAsync(other);
        }

        world.Require(await world.ReadyCommandsAsync() == 0, "commands must not wait for an engine; some do");
        await world.MeasureAsync("stuck page", 30, () => world.UntilEndedAsync(stuck));
    }

    private static async Task StuckAsync(World world)
    {
        var environment = new Dictionary<string, string> { ["QWEN3VL_Worker__StuckSeconds"] = "3" };
        var setup = new WorkerSetup { Slots = 1, Environment = environment };
        ExpectedJob job = world.NewJob(6);
        world.Folder.WriteOrders([new FaultOrder(FaultAction.Deaf) { PageNo = 3, ToAttempt = 1 }]);
        world.Inject("stuck engine");
        await world.SubmitAsync(job);
        await world.MeasureAsync("stuck engine", 40, () => world.KeepWorkersAsync(setup, 1, () => world.UntilEndedAsync(job)));
        world.Require(world.Counts["workers that ended"] >= 1, "a worker whose engine is stuck must end; it did not");
    }
}
