using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults.Checking;
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
        new("F0-product", "kill -9 of the product's own program, with its model", ProductAsync) { Tier = Tier.Fast, UsualSeconds = 20 },
        new("F1", "kill -9 of a worker again and again", KillsAsync) { Tier = Tier.Fast, UsualSeconds = 20 },
        new("F1-stages", "kill -9 while windows, a merge, and reductions of a document and of a video are done", StagesAsync),
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
        bool isOpen = await world.ValueAsync<bool>("SELECT bool_and(finished_at IS NULL) FROM vq.jobs");
        world.Require(isOpen, "the job must not have ended when its worker is killed; it had");
        world.StartWorker(new WorkerSetup { Kind = WorkerKind.Product });
    }

    private static async Task KillsAsync(World world)
    {
        int kills = world.ByTier(3, 20);
        int jobs = world.ByTier(3, 20);
        const int slots = 2;
        var setup = new WorkerSetup { Slots = slots, DelayMs = 60 };
        int pages = world.ByTier(100, 200);
        List<WorkerProcess> workers = [world.StartWorker(setup), world.StartWorker(setup)];
        await world.SubmitAsync(jobs, pages, JobTaskKind.Ocr, JobTaskKind.Summary);
        for (int kill = 0; kill < kills; kill++)
        {
            await world.UntilDoneAsync(Math.Min(await world.DoneAsync() + 1 + world.Random.Next(12), (jobs * pages) - 1));

            // One that has a chunk in its engine: a worker that still starts, or waits, has nothing to lose.
            WorkerProcess victim = await BusyWorkers.PickAsync(world, workers);
            world.Inject("kill -9");
            await victim.KillAsync();
            workers[workers.IndexOf(victim)] = world.StartWorker(setup);
        }

        foreach (ExpectedJob job in world.Expected.Jobs)
        {
            await world.UntilEndedAsync(job, TimeSpan.FromSeconds(180));
        }

        int lost = await world.ValueAsync<int>("SELECT coalesce(sum(lost_starts), 0)::int FROM vq.chunks");
        world.Require(lost >= 1 && world.LostClaims() >= 1, $"kills must cost at least one claim and one start; got {world.LostClaims()} and {lost}");
        world.Counts["kills"] = kills;
    }

    private static async Task StagesAsync(World world)
    {
        var setup = new WorkerSetup { Slots = 2, ChunksPerGroup = 4 };

        // Five windows end before the merge: the sixth commit is its own.
        const int windows = 5;
        WorkerProcess victim = world.StartWorker(setup with { CrashAt = $"{CrashPoint.BeforeCommit}:{windows + 1}" });
        ExpectedJob events = world.NewVideo(40, JobTaskKind.Events);
        await world.SubmitAsync(events);
        int code = await victim.ExitAsync(TimeSpan.FromSeconds(60));
        world.Require(code == 137, $"worker must die of SIGKILL in the merge; ended with {code}");
        WorkerProcess next = world.StartWorker(setup);
        await world.UntilEndedAsync(events);

        ExpectedJob video = world.NewVideo(40, JobTaskKind.Events, JobTaskKind.Caption, JobTaskKind.Summary);
        world.Folder.WriteOrders(
        [
            new FaultOrder(FaultAction.Gate) { FileSha256 = video.Source?.Sha256, PageNo = 1, Gate = "window" },

            // Requests without a picture are reductions.
            new FaultOrder(FaultAction.Gate) { PageNo = 0, Gate = "reduce" },
        ]);
        await world.SubmitAsync(video, world.NewJob(12, JobTaskKind.Ocr, JobTaskKind.Summary));
        foreach ((string kind, int jobs) in ((string, int)[])[("window", 1), ("reduce", 2)])
        {
            _ = await world.SeeAsync<int>(
                "SELECT count(DISTINCT job_id)::int FROM vq.chunks WHERE kind = @kind AND outcome IS NULL AND start_fence IS NOT NULL",
                new { kind },
                begun => begun >= jobs,
                $"a {kind} in the engine");
            world.Inject("kill -9 " + kind);
            await next.KillAsync();
            world.Folder.OpenGate(kind);
            next = world.StartWorker(setup);
        }

        foreach (ExpectedJob job in world.Expected.Jobs)
        {
            await world.UntilEndedAsync(job, TimeSpan.FromSeconds(90));
        }

        string lost = await world.ValueAsync<string>("SELECT coalesce(string_agg(DISTINCT kind, ' ' ORDER BY kind), '') FROM vq.chunks WHERE lost_starts > 0 AND kind <> 'pages'");
        world.Require(lost == "merge reduce window", $"kills must cost starts of merge, reduce and window; got {lost}");
    }

    private static async Task DieAtAsync(World world, string point)
    {
        var setup = new WorkerSetup { Slots = 1, ChunksPerGroup = 4 };
        WorkerProcess victim = world.StartWorker(setup with { CrashAt = point });
        await world.SubmitAsync(1, 12);
        int code = await victim.ExitAsync(TimeSpan.FromSeconds(60));
        world.Inject("kill -9 " + point);
        world.Require(code == 137, $"worker must die of SIGKILL at {point}; ended with {code}");
        await world.MeasureAsync("worker kill", 20, async () =>
        {
            world.StartWorker(setup);
            await world.UntilEndedAsync(world.Expected.Jobs[0]);
        });
        if (point is ReachedPoint.AfterSend or CrashPoint.BeforeOutboxDelete)
        {
            // Confirmed, and still a row: it comes again, under the same id.
            await World.UntilAsync(() => Task.FromResult(world.EventRepeats >= 1), "an event that comes again");
        }
    }
}
