using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Processes;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>Servers that crash: the database (F5), the broker (F12).</summary>
internal static class ServerFaults
{
    /// <summary>The scenarios.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("F5", "crash of the database under load, again and again", CrashDatabaseAsync) { Tier = Tier.Fast, RunsAlone = true },
        new("F12", "kill -9 of the broker; it comes back after a while", KillBrokerAsync) { Tier = Tier.Fast, RunsAlone = true },
    ];

    private static async Task CrashDatabaseAsync(World world)
    {
        var setup = new WorkerSetup { DelayMs = 60, LeaseSeconds = 6 };
        world.StartWorker(setup);
        world.StartWorker(setup);
        const int jobs = 2;
        int pages = world.ByTier(150, 400);
        int total = jobs * pages;

        // The last pages wait until the last crash but one is over, and the reductions (requests without a picture) until the last one is: there
        // is work at every crash, and something to commit after it.
        world.Folder.WriteOrders(
        [
            new FaultOrder(FaultAction.Gate) { PageNo = pages, Gate = "pages" },
            new FaultOrder(FaultAction.Gate) { PageNo = 0, Gate = "reductions" },
        ]);
        await world.SubmitAsync(jobs, pages, JobTaskKind.Ocr, JobTaskKind.Summary);
        int crashes = world.ByTier(2, 3);
        for (int crash = 0; crash < crashes; crash++)
        {
            bool isLast = crash == crashes - 1;
            if (isLast)
            {
                world.Folder.OpenGate("pages");
                _ = await world.SeeAsync<int>(
                    "SELECT count(*)::int FROM vq.chunks WHERE kind = 'reduce' AND outcome IS NULL AND start_fence IS NOT NULL", null, begun => begun > 0, "a reduction in an engine");
            }
            else
            {
                int done = await world.DoneAsync();
                await world.UntilDoneAsync(Math.Min(done + 5 + world.Random.Next(10), total - jobs));
            }

            world.Inject("database crash");
            await world.Servers.Postgres.KillAsync();
            await world.Servers.Postgres.StartAgainAsync();
            int then = await world.DoneAsync();
            if (isLast)
            {
                world.Folder.OpenGate("reductions");
            }

            await world.MeasureAsync("database crash", 20, () => world.UntilDoneAsync(isLast ? then + 1 : Math.Min(then + 1, total - jobs)));
        }
    }

    private static async Task KillBrokerAsync(World world)
    {
        world.StartWorker(new WorkerSetup { Slots = 1, ChunksAtOnce = 2, DelayMs = 300 });
        int pages = world.ByTier(60, 200);
        await world.SubmitAsync(1, pages);
        await world.UntilDoneAsync(4);
        await world.Servers.Broker.FlushDeclarationsAsync();
        int before = await world.DoneAsync();
        world.Inject("broker kill -9");
        await world.Servers.Broker.KillAsync();

        // The work needs no broker.
        await world.UntilDoneAsync(Math.Min(before + world.ByTier(8, 40), pages));
        await world.Servers.Broker.StartAgainAsync();
        world.Counts["chunks done without a broker"] = await world.DoneAsync() - before;
        int events = world.Events.Count;
        await world.MeasureAsync("broker restart", 60, async () =>
        {
            await World.UntilAsync(() => Task.FromResult(world.Events.Count > events), "an event after the broker's restart", seconds: 90);
            ExpectedJob next = world.NewJob(2);
            await world.SubmitAsync(next);
            await world.JobIdAsync(next);
        });
    }
}
