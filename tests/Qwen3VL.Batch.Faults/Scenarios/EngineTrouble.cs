using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Processes;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>An engine that is slow (F23), does nothing at all, or stops itself (F24).</summary>
internal static class EngineTrouble
{
    /// <summary>The scenarios.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("F23", "an engine 20 times slower, and one page that takes ten minutes", SlowAsync),
        new("F24", "an engine that neither answers nor fails", StuckAsync) { SettleLimit = TimeSpan.FromSeconds(90) },
        new("F24-stopped", "an engine that stops itself on a broken invariant", StoppedAsync) { Tier = Tier.Fast },
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

    private static async Task StoppedAsync(World world)
    {
        const int page = 3;
        var setup = new WorkerSetup { Slots = 2, ChunksPerGroup = 4, ChunksAtOnce = 2, DelayMs = 100 };
        ExpectedJob job = world.NewJob(12);
        world.Folder.WriteOrders([new FaultOrder(FaultAction.StopEngine) { FileSha256 = job.Source?.Sha256, PageNo = page, ToAttempt = 1 }]);
        WorkerProcess victim = world.StartWorker(setup);
        await world.UntilRegisteredAsync(victim);
        world.Inject("engine stops itself");
        await world.SubmitAsync(job);
        int code = await victim.ExitAsync(TimeSpan.FromSeconds(30));
        world.Require(code == 1, $"a worker whose engine stopped must end with 1; ended with {code}");

        // Its supervisor starts another one. The start is lost, and nothing of the job.
        await world.MeasureAsync("stopped engine", 20, async () =>
        {
            world.StartWorker(setup);
            await world.UntilEndedAsync(job);
        });
        int lost = await world.ValueAsync<int>($"SELECT lost_starts::int FROM vq.chunks WHERE first_unit = {page}");
        world.Require(lost == 1, $"the chunk at which an engine stops must have lost one start; got {lost}");
        int most = await world.ValueAsync<int>("SELECT max(lost_starts)::int FROM vq.chunks");
        world.Require(most == 1, $"chunks beside it must lose at most one start; one lost {most}");
        int outside = await world.ValueAsync<int>($"SELECT count(*)::int FROM vq.chunks WHERE lost_starts > 0 AND group_no <> (SELECT group_no FROM vq.chunks WHERE first_unit = {page})");
        world.Require(outside == 0, $"chunks of other groups must lose no start; {outside} did");
    }
}
