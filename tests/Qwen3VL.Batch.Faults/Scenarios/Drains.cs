using System.Diagnostics;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Processes;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>Workers that are asked to stop while they work (F29), and that are not given the time for it (F30).</summary>
internal static class Drains
{
    private const int GroupPages = 40;
    private const int Groups = 2;

    private static readonly TimeSpan Boot = TimeSpan.FromSeconds(60);

    /// <summary>The scenarios.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("F29", "SIGTERM under load, again and again; the grace suffices", DrainAsync) { Tier = Tier.Fast },
        new("F29-short", "SIGTERM with a chunk that takes longer than the grace", ShortGraceAsync) { Tier = Tier.Fast },
        new("F30-term", "a second SIGTERM during a drain", world => CutShortAsync(world, worker => worker.TerminateAsync())),
        new("F30-kill", "SIGKILL during a drain", world => CutShortAsync(world, worker => worker.KillAsync())),
    ];

    // Two groups, each of which waits at a gate once in a round, so that whoever holds them is busy when it is asked to stop.
    private static async Task DrainAsync(World world)
    {
        int rounds = world.ByTier(2, 12);
        var setup = new WorkerSetup { Slots = Groups, ChunksAtOnce = 1, ChunksPerGroup = GroupPages, DelayMs = 10, LeaseSeconds = 6 };
        ExpectedJob job = world.NewJob(Groups * GroupPages);
        int[] pages = [.. Enumerable.Range(1, rounds).Select(round => round * (GroupPages / (rounds + 1)))];
        world.Folder.WriteOrders([.. pages.SelectMany((page, round) => Enumerable.Range(0, Groups).Select(group => Gate(round, page + (group * GroupPages))))]);
        WorkerProcess holder = world.StartWorker(setup);
        await world.SubmitAsync(job);
        for (int round = 0; round < rounds; round++)
        {
            await world.UntilDoneAsync(Groups * (pages[round] - 1));
            WorkerProcess next = world.StartWorker(setup);
            await world.UntilRegisteredAsync(next);
            await StopAsync(world, holder, setup.GraceSeconds, () => world.Folder.OpenGate(Name(round)));
            int claim = round + 2;
            await world.MeasureAsync(
                "drain handover",
                2,
                () => world.SeeAsync<int>($"SELECT count(*)::int FROM vq.work WHERE lease_until IS NOT NULL AND fence = {claim}", null, held => held == Groups, "groups that go on"));
            holder = next;
        }

        await world.UntilEndedAsync(job);
        world.Expected.MaxRedone = 0;
        int lost = await world.ValueAsync<int>("SELECT coalesce(sum(lost_starts), 0)::int FROM vq.chunks");
        world.Require(lost == 0, $"a drain must lose no start; got {lost}");
    }

    private static async Task ShortGraceAsync(World world)
    {
        var setup = new WorkerSetup { Slots = 1, ChunksAtOnce = 2, DelayMs = 10, GraceSeconds = 1, LeaseSeconds = 6 };
        world.Folder.WriteOrders([Gate(0, 5)]);
        WorkerProcess holder = world.StartWorker(setup);
        ExpectedJob job = world.NewJob(8);
        await world.SubmitAsync(job);
        await world.UntilDoneAsync(7);
        await StopAsync(world, holder, setup.GraceSeconds, () => { });
        world.Folder.OpenGate(Name(0));
        world.StartWorker(setup);
        await world.UntilEndedAsync(job);
        world.Expected.MaxRedone = 1;
    }

    private static async Task CutShortAsync(World world, Func<WorkerProcess, Task> cut)
    {
        var setup = new WorkerSetup { Slots = 1, ChunksAtOnce = 1, DelayMs = 10 };
        world.Folder.WriteOrders([Gate(0, 5)]);
        WorkerProcess holder = world.StartWorker(setup);
        ExpectedJob job = world.NewJob(8);
        await world.SubmitAsync(job);
        await world.UntilDoneAsync(4);
        world.Inject("SIGTERM");
        await holder.TerminateAsync();
        await World.UntilAsync(() => Task.FromResult(holder.Log.Contains("drain", StringComparison.OrdinalIgnoreCase)), "the beginning of the drain");
        world.Inject("cut short");
        await cut(holder);
        int code = await holder.ExitAsync(TimeSpan.FromSeconds(5));
        world.Require(code != 0, $"a drain that is cut short must not end with 0; got {code}");
        world.Folder.OpenGate(Name(0));
        await world.MeasureAsync("worker kill", 20, async () =>
        {
            world.StartWorker(setup);
            await world.UntilEndedAsync(job);
        });
        world.Expected.MaxRedone = 1;
    }

    private static async Task StopAsync(World world, WorkerProcess worker, double graceSeconds, Action afterSignal)
    {
        world.Inject("SIGTERM");
        var watch = Stopwatch.StartNew();
        await worker.TerminateAsync();
        afterSignal();
        int code = await worker.ExitAsync(Boot);
        world.Require(code == 0, $"a drain must end with 0; got {code}");
        world.Expected.Recoveries.Add(new Recovery("drain", watch.Elapsed, TimeSpan.FromSeconds(graceSeconds + 5)));
    }

    private static FaultOrder Gate(int round, int page) => new(FaultAction.Gate) { PageNo = page, Gate = Name(round) };

    private static string Name(int round) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"round-{round}");
}
