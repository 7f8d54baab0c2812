using System.Diagnostics;
using System.Globalization;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Ledger;
using Qwen3VL.Batch.Faults.Processes;
using Qwen3VL.Batch.Faults.Scenarios;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>Jobs are cancelled at random moments.</summary>
internal static class CancelFigure
{
    private const int Pages = 64;
    private const int AtOnce = 4;
    private const int LongestWaitMs = 4_000;
    private const int ProductPages = 64;

    private static readonly string[] FinalStates = ["succeeded", "partial", "failed", "cancelled"];

    /// <summary>The figure.</summary>
    public static Figure Figure { get; } = new(
        "cancel",
        "Cancelling",
        """
        Two worker processes over the deterministic engine, which answers after 1.5 s on average and ends a request at once when it is aborted,
        wherever it is: its times are those of the queue, without the step that a real engine ends first. Leases of 30 s, so heartbeats every 10 s:
        what is faster came by the hint over the broker. Jobs of 64 pages, four at a time; each is cancelled at a random moment in its first four
        seconds, before, while or after it is planned. Timed from before CancelJob is sent. Then, in a row of its own, the product's program with its
        model, one job at a time, each cancelled after its first page while further pages are read: that time has the step in it.
        """,
        MeasureAsync);

    private static async Task<IReadOnlyList<FigureRow>> MeasureAsync(FigureRun run)
    {
        await using World world = await run.WorldAsync("cancel");
        var setup = new WorkerSetup { Slots = 8, DelayMs = 1_500, LeaseSeconds = 30 };
        world.StartWorker(setup);
        world.StartWorker(setup);
        ExpectedJob first = world.NewJob(1);
        await world.SubmitAsync(first);
        _ = await world.UntilEndedAsync(first);
        var cancels = new List<Cancel>();
        for (int done = 0; done < run.Sizes.Cancels; done += AtOnce)
        {
            int count = Math.Min(AtOnce, run.Sizes.Cancels - done);
            int[] waits = [.. Enumerable.Range(0, count).Select(_ => world.Random.Next(LongestWaitMs))];
            cancels.AddRange(await Task.WhenAll(waits.Select(wait => CancelOneAsync(world, run, wait))));
        }

        bool settled = await world.SettleAsync(TimeSpan.FromSeconds(60));
        CheckReport report = await world.CheckAsync();

        // The other workers have ended: the model has the machine for itself.
        FigureRow[] product = await CancelProductAsync(run);
        Cancel[] cancelled = [.. cancels.Where(cancel => cancel.State == "cancelled")];
        double[] aborts = [.. Aborts(cancelled, LedgerFile.ReadAll(world.Folder.Ledgers))];
        string count2 = string.Create(CultureInfo.InvariantCulture, $"{cancelled.Length} of {cancels.Count} jobs ended cancelled, the others had ended before");
        return
        [
            new("from CancelJob until the engine has dropped the job's last request", Statistics.MedianAndLongest(aborts), string.Create(CultureInfo.InvariantCulture, $"{aborts.Length} jobs that had requests in the engine")),
            new("from CancelJob until the job is cancelled", Statistics.MedianAndLongest([.. cancelled.Select(cancel => cancel.Seconds)]), count2),
            FigureRow.OfRules(report, settled),
            .. product,
        ];
    }

    // The engine that has steps: a job ends when its last request has heard the abort.
    private static async Task<FigureRow[]> CancelProductAsync(FigureRun run)
    {
        const string of = ", the product's program with its model";
        await using World world = await run.WorldAsync("cancel-product");
        world.StartWorker(new WorkerSetup { Kind = WorkerKind.Product, LeaseSeconds = 30 });
        var seconds = new List<double>();
        for (int no = 0; no < run.Sizes.ProductCancels; no++)
        {
            int done = await world.DoneAsync();
            ExpectedJob job = await ProductJob.SubmitAsync(world, ProductPages + no, FinalStates);
            await world.UntilDoneAsync(done + 1);
            var watch = Stopwatch.StartNew();
            await world.CancelAsync(job);
            if (await world.UntilEndedAsync(job, TimeSpan.FromSeconds(90)) == "cancelled")
            {
                seconds.Add(watch.Elapsed.TotalSeconds);
            }
        }

        bool settled = await world.SettleAsync(TimeSpan.FromSeconds(60));
        CheckReport report = await world.CheckAsync();
        return
        [
            new("from CancelJob until the job is cancelled" + of, Statistics.MedianAndLongest(seconds), string.Create(CultureInfo.InvariantCulture, $"{seconds.Count} of {run.Sizes.ProductCancels} jobs ended cancelled, each after its first page")),
            FigureRow.OfRules(report, settled, of),
        ];
    }

    private static async Task<Cancel> CancelOneAsync(World world, FigureRun run, int waitMs)
    {
        ExpectedJob job = world.NewJob(Pages) with { States = FinalStates };
        await world.SubmitAsync(job);
        _ = await world.JobIdAsync(job);
        await run.PauseAsync(TimeSpan.FromMilliseconds(waitMs));
        DateTimeOffset at = World.Time.GetUtcNow();
        var watch = Stopwatch.StartNew();
        await world.CancelAsync(job);
        string state = await world.UntilEndedAsync(job, TimeSpan.FromSeconds(90));
        return new Cancel(job.Source?.Sha256 ?? "", state, at, watch.Elapsed.TotalSeconds);
    }

    private static IEnumerable<double> Aborts(IReadOnlyList<Cancel> cancels, IReadOnlyList<LedgerRecord> records)
    {
        ILookup<string?, DateTimeOffset> aborted = records.Where(record => record.Event == LedgerEvent.EngineAborted).ToLookup(record => record.Key, record => record.At);
        return cancels.Where(cancel => aborted[cancel.Sha256].Any()).Select(cancel => (aborted[cancel.Sha256].Max() - cancel.At).TotalSeconds);
    }

    private sealed record Cancel(string Sha256, string State, DateTimeOffset At, double Seconds);
}
