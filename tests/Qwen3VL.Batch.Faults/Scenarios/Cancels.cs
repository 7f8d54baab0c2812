using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Processes;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>Cancels at every moment of a job's life (F31).</summary>
internal static class Cancels
{
    private static readonly string[] EitherWay = ["cancelled", "succeeded"];

    /// <summary>The scenarios.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("F31", "cancels: before planning, in the engine, twice, after the end, of a large job, at random", CancelAsync) { Tier = Tier.Fast },
    ];

    private static async Task CancelAsync(World world)
    {
        const double lease = 3;
        var setup = new WorkerSetup { Slots = 1, ChunksAtOnce = 4, LeaseSeconds = lease };
        ExpectedJob done = world.NewJob(2);
        ExpectedJob stuck = world.NewJob(6) with { States = ["cancelled"] };
        ExpectedJob waiting = world.NewJob(6) with { States = ["cancelled"] };
        world.Folder.WriteOrders([new FaultOrder(FaultAction.Stall) { PageNo = 2, FileSha256 = stuck.Source?.Sha256 }]);
        WorkerProcess worker = world.StartWorker(setup);
        await world.SubmitAsync(done);
        await world.UntilEndedAsync(done);
        await world.SubmitAsync(stuck);
        await world.UntilDoneAsync(2 + 5);
        await world.SubmitAsync(waiting);

        // The only slot is taken, so that nobody has planned it.
        _ = await world.JobIdAsync(waiting);
        await world.CancelAsync(waiting);
        await world.CancelAsync(done);
        await world.UntilEndedAsync(waiting);
        await world.MeasureAsync("cancel in the engine", (2 * lease / 3) + 2, async () =>
        {
            await world.CancelAsync(stuck);
            await world.CancelAsync(stuck);
            await world.UntilEndedAsync(stuck);
        });
        await RaceAsync(world);
        await CancelLargeAsync(world);
        world.Require(!worker.HasExited, "a worker must outlive cancels; it ended");
    }

    private static async Task RaceAsync(World world)
    {
        ExpectedJob[] jobs = [.. Enumerable.Range(0, world.ByTier(8, 100)).Select(_ => world.NewJob(5) with { States = EitherWay })];
        foreach (ExpectedJob job in jobs)
        {
            int done = await world.DoneAsync();
            await world.SubmitAsync(job);
            if (world.Random.Next(3) > 0)
            {
                await world.UntilDoneAsync(done + world.Random.Next(5));
            }

            await world.CancelAsync(job);
            await world.UntilEndedAsync(job);
        }

        world.Counts["cancels"] = jobs.Length + 4;
    }

    private static async Task CancelLargeAsync(World world)
    {
        ExpectedJob large = world.NewJob(world.ByTier(500, 10_000)) with { States = ["cancelled"] };
        int done = await world.DoneAsync();
        await world.SubmitAsync(large);
        await world.UntilDoneAsync(done + 20);
        await world.MeasureAsync("cancel of a large job", 20, async () =>
        {
            await world.CancelAsync(large);
            await world.UntilEndedAsync(large);
        });
    }
}
