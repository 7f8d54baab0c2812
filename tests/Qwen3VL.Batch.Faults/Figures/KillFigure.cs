using System.Diagnostics;
using System.Globalization;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Processes;
using Qwen3VL.Batch.Faults.Scenarios;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>Workers that hold work are killed again and again; then everything is counted.</summary>
internal static class KillFigure
{
    // Two more than must be there: while they start, the others are killed.
    private const int Workers = 5;
    private const int LeastWorkers = 3;
    private const int PagesPerJob = 200;
    private const int WaitingChunks = 500;

    private const int LeastChunksBetween = 20;
    private const int MostChunksBetween = 60;

    private const string LostStarts =
        """
        SELECT string_agg((SELECT count(*) FROM vq.chunks WHERE CASE n WHEN 4 THEN lost_starts >= n ELSE lost_starts = n END)::text, ', ' ORDER BY n)
        FROM generate_series(1, 4) n
        """;

    private static readonly WorkerSetup Setup = new() { Slots = 2, DelayMs = 60 };

    /// <summary>The figure.</summary>
    public static Figure Figure { get; } = new(
        "kills",
        "Killed workers: what is lost, what is done twice",
        """
        Five worker processes over the deterministic engine (the product's host, pipeline, ledger, relay and sweeper; answers in 60 ms without a
        model), leases of 3 s, jobs of 200 one-page chunks sent all the time. Whenever three of them are there, the others still start, and 20 to 60 more
        chunks are done, one with a chunk in its engine is killed with SIGKILL and replaced. The signal goes to its process group, so a quarantine process
        that it has started ends with it, as in a container. Afterwards the twelve rules of the checker are held against database, broker, and the
        processes' own ledgers; a chunk that was given up, whoever's fault it was, breaks I1 and I10.
        """,
        MeasureAsync);

    private static async Task<IReadOnlyList<FigureRow>> MeasureAsync(FigureRun run)
    {
        await using World world = await run.WorldAsync("kills");
        var workers = Enumerable.Range(0, Workers).Select(_ => world.StartWorker(Setup)).ToList();
        await using var watch = new TakeoverWatch(world.Database);
        await using (new WorkFeed(world, PagesPerJob, WaitingChunks))
        {
            for (int kill = 0; kill < run.Sizes.Kills; kill++)
            {
                // Enough workers are there and work has gone on since the last kill: what is measured is the queue, not how fast processes start.
                await world.UntilRegisteredAsync(workers, LeastWorkers);
                await world.UntilDoneAsync(await world.DoneAsync() + world.Random.Next(LeastChunksBetween, MostChunksBetween));
                run.Cancellation.ThrowIfCancellationRequested();
                await KillOneAsync(world, workers, watch);
            }
        }

        bool takenOver = await watch.AllOverAsync(TimeSpan.FromSeconds(90));
        bool settled = await world.SettleAsync(TimeSpan.FromSeconds(120));
        string lostStarts = await world.ValueAsync<string>(LostStarts);
        CheckReport report = await world.CheckAsync();
        return Rows(run.Sizes.Kills, report, watch, takenOver && settled, lostStarts);
    }

    private static async Task KillOneAsync(World world, List<WorkerProcess> workers, TakeoverWatch watch)
    {
        WorkerProcess victim = await BusyWorkers.PickAsync(world, workers);
        world.Inject("kill -9");
        long at = Stopwatch.GetTimestamp();
        await victim.KillAsync();

        // Its leases stay as they are until they run out: now nobody changes them but a sweep.
        IReadOnlyList<LeaseKey> held = await watch.HeldAsync(victim.Id);
        watch.Lost(held, at);
        workers[workers.IndexOf(victim)] = world.StartWorker(Setup);
    }

    private static FigureRow[] Rows(int kills, CheckReport report, TakeoverWatch watch, bool rested, string lostStarts)
    {
        int jobs = (int)report.Counts["jobs"];
        int chunks = (int)report.Counts["chunks"];
        int redone = (int)report.Counts["chunks done again"];
        double lost = report.Counts["jobs lost"] + report.Violations.Count(violation => violation.Rule == "I8");
        double[] seconds = [.. watch.Seconds];
        string basis = string.Create(CultureInfo.InvariantCulture, $"{kills} kills, {jobs} jobs, {chunks:N0} chunks");
        return
        [
            new("jobs lost per 1,000 kills", Statistics.PerThousand(lost, kills), basis),
            new("duplicate result rows per 1,000 kills", Statistics.PerThousand(report.Counts["duplicate result rows"], kills), basis),
            new(
                "work redone per kill",
                string.Create(CultureInfo.InvariantCulture, $"{redone / (double)kills:F1} chunks ({100.0 * redone / Math.Max(1, chunks) / kills:F3} % of all chunks; {100.0 * redone / Math.Max(1, chunks):F1} % by all kills together)"),
                string.Create(CultureInfo.InvariantCulture, $"{redone} executions beyond one for each of {chunks:N0} chunks; at most 8 chunks are in flight in a worker")),
            new(
                "time until a killed worker's leases are taken back",
                Statistics.MedianAndLongest([.. watch.TakenBackSeconds]),
                string.Create(CultureInfo.InvariantCulture, $"{watch.TakenBackSeconds.Count} kills, {watch.Groups} groups; the lease's 3 s, and the wait for the next sweep")),
            new(
                "time until a killed worker's groups are claimed again",
                Statistics.MedianAndLongest(seconds),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{seconds.Length} kills; the row above, and then the wait in the order of fairness among all ready groups, which may be behind those of newer jobs: at least {WaitingChunks} chunks wait all the time")),
            new("chunks that lost a worker once, twice, three times, four times", lostStarts, basis + "; twice: alone in quarantine from then on; four times: given up"),
            FigureRow.OfRules(report, rested),
        ];
    }
}
