using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Processes;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>Workers that die: at random (F1) and between any two steps (F2).</summary>
internal static class WorkerDeaths
{
    /// <summary>The scenarios.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("F0-calm", "nothing: the harness itself", CalmAsync) { Tier = Tier.Fast },
        new("F0-product", "nothing: the product's program and its model", ProductAsync) { Tier = Tier.Fast },
        new("F1", "kill -9 of a worker again and again", KillsAsync) { Tier = Tier.Fast },
        .. ReachedPoint.All.Select(point => new Scenario("F2-" + point, $"kill -9 {point.Replace('_', ' ')}", world => DieAtAsync(world, point)) { Tier = Tier.Fast }),
    ];

    private static async Task CalmAsync(World world)
    {
        world.StartWorker(new WorkerSetup { LeaseSeconds = 20 });
        await world.SubmitAsync(2, 12, JobTaskKind.Ocr, JobTaskKind.Caption, JobTaskKind.Spotting, JobTaskKind.Summary);
        world.Expected.MaxRedone = 0;
    }

    private static async Task ProductAsync(World world)
    {
        WorkerProcess first = world.StartWorker(new WorkerSetup { Kind = WorkerKind.Product });
        await ProductJob.SubmitAsync(world, pages: 24);
        await world.UntilDoneAsync(3);
        world.Inject("kill -9");
        await first.KillAsync();
        world.StartWorker(new WorkerSetup { Kind = WorkerKind.Product });
    }

    private static async Task KillsAsync(World world)
    {
        int kills = world.ByTier(3, 20);
        int jobs = world.ByTier(3, 20);
        const int slots = 2;
        var setup = new WorkerSetup { Slots = slots, DelayMs = 60 };
        var workers = new Queue<WorkerProcess>([world.StartWorker(setup), world.StartWorker(setup)]);
        await world.SubmitAsync(jobs, world.ByTier(80, 200));
        for (int kill = 0; kill < kills; kill++)
        {
            int done = await world.DoneAsync();
            await world.UntilDoneAsync(done + 1 + world.Random.Next(12));
            world.Inject("kill -9");
            WorkerProcess victim = workers.Dequeue();
            await victim.KillAsync();
            workers.Enqueue(world.StartWorker(setup));
        }

        world.Counts["kills"] = kills;
    }

    private static async Task DieAtAsync(World world, string point)
    {
        var setup = new WorkerSetup { Slots = 1, ChunksPerGroup = 4 };
        WorkerProcess victim = world.StartWorker(setup with { CrashAt = point });
        await world.SubmitAsync(1, 12);
        int code = await victim.ExitAsync(TimeSpan.FromSeconds(30));
        world.Inject("kill -9 " + point);
        world.Require(code == 137, $"worker must die of SIGKILL at {point}; ended with {code}");
        await world.MeasureAsync("worker kill", 20, async () =>
        {
            world.StartWorker(setup);
            await world.UntilEndedAsync(world.Expected.Jobs[0]);
        });
    }
}
