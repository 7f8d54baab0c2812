using System.Diagnostics;
using System.Globalization;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Processes;
using Qwen3VL.Batch.Faults.Scenarios;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>The database crashes under load.</summary>
internal static class DatabaseCrashFigure
{
    private const string Commits = "SELECT EXISTS (SELECT FROM vq.chunks WHERE outcome = 'succeeded' AND finished_at > @Since)";

    /// <summary>The figure.</summary>
    public static Figure Figure { get; } = new(
        "database",
        "Crash of the database",
        """
        Two worker processes over the deterministic engine at work; PostgreSQL gets an immediate shutdown (no checkpoint, sessions cut) and is
        started again at once, with recovery from its log.
        """,
        MeasureAsync);

    private static async Task<IReadOnlyList<FigureRow>> MeasureAsync(FigureRun run)
    {
        await using World world = await run.WorldAsync("database");
        var setup = new WorkerSetup { Slots = 2, DelayMs = 60, LeaseSeconds = 6 };
        world.StartWorker(setup);
        world.StartWorker(setup);
        var recovered = new List<double>();
        var booted = new List<double>();
        await using (new WorkFeed(world, pages: 200, least: 500))
        {
            await world.UntilDoneAsync(1);
            for (int crash = 0; crash < run.Sizes.DatabaseCrashes; crash++)
            {
                await run.PauseAsync(TimeSpan.FromMilliseconds(world.Random.Next(500, 2_500)));
                world.Inject("crash of the database");
                long at = Stopwatch.GetTimestamp();
                await world.Servers.Postgres.KillAsync();
                var since = new { Since = World.Time.GetUtcNow() };
                long started = Stopwatch.GetTimestamp();
                await world.Servers.Postgres.StartAgainAsync();
                booted.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
                _ = await world.SeeAsync<bool>(Commits, since, seen => seen, "a chunk that commits again", TimeSpan.FromSeconds(90));
                recovered.Add(Stopwatch.GetElapsedTime(at).TotalSeconds);
            }
        }

        bool settled = await world.SettleAsync(TimeSpan.FromSeconds(120));
        CheckReport report = await world.CheckAsync();
        return
        [
            new(
                "time until the next chunk commits",
                Statistics.MedianAndLongest(recovered),
                string.Create(CultureInfo.InvariantCulture, $"{recovered.Count} crashes; of this the server's own start {Statistics.Median(booted):F2} s (median)")),
            new("jobs lost", string.Create(CultureInfo.InvariantCulture, $"{report.Counts["jobs lost"]}"), string.Create(CultureInfo.InvariantCulture, $"{report.Counts["jobs"]} jobs, {report.Counts["chunks"]} chunks")),
            FigureRow.OfRules(report, settled),
        ];
    }
}
