using System.Diagnostics;
using System.Globalization;
using Dapper;
using Npgsql;
using Qwen3VL.Batch.Faults.Models;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>What the ledger alone can do: chunks a second when the engine takes no time.</summary>
internal static class ThroughputFigure
{
    private const int Jobs = 40;
    private const int PagesPerJob = 400;
    private const int ChunksPerGroup = 8;
    private const int GroupsAtOnce = 2;

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    /// <summary>The figure.</summary>
    public static Figure Figure { get; } = new(
        "throughput",
        "Throughput of the ledger alone",
        """
        The product's ledger in this process, a pool of connections for each worker; no engine, no files, no broker. Each worker claims two groups of
        eight chunks, and for every chunk records its start and its end: compare-and-set, a page row of two kilobytes, history, usage, counters,
        and the event when the job ends, in one transaction. Workers share jobs, as real ones do, and so wait for each other at the job's counters.
        """,
        MeasureAsync);

    private static async Task<IReadOnlyList<FigureRow>> MeasureAsync(FigureRun run)
    {
        var rows = new List<FigureRow>();
        string empty = await run.Servers.CreateDatabaseAsync();
        foreach (int workers in (int[])[1, 4, 8])
        {
            rows.Add(await ProbeAsync(run, empty, workers, "no history"));
        }

        string full = await run.Servers.CreateDatabaseAsync();
        long start = Stopwatch.GetTimestamp();
        await HistoryRows.WriteAsync(full, run.Sizes.HistoryRows, run.Cancellation);
        string history = string.Create(CultureInfo.InvariantCulture, $"history of {run.Sizes.HistoryRows:N0} chunks");
        foreach (int workers in (int[])[1, 4, 8])
        {
            rows.Add(await ProbeAsync(run, full, workers, history));
        }

        rows.Add(new("the history", string.Create(CultureInfo.InvariantCulture, $"{run.Sizes.HistoryRows:N0} chunks"), string.Create(CultureInfo.InvariantCulture, $"and as many pages, attempts and usage rows; written by SQL in {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s")));
        return rows;
    }

    private static async Task<FigureRow> ProbeAsync(FigureRun run, string database, int workers, string name)
    {
        var hands = new List<LedgerHand>();
        try
        {
            for (int worker = 0; worker < workers; worker++)
            {
                hands.Add(await LedgerHand.StartAsync(database, run.Cancellation));
            }

            // What the probe before left goes, so that planning finds nothing else ready.
            await using (var connection = new NpgsqlConnection(database + ";Pooling=false"))
            {
                await connection.ExecuteAsync("DELETE FROM vq.work");
            }

            await hands[0].PlanJobsAsync($"{name}-{workers}", Jobs, PagesPerJob, ChunksPerGroup, Lease, run.Cancellation);
            long start = Stopwatch.GetTimestamp();
            int[] done = await Task.WhenAll(hands.Select(hand => WorkAsync(hand, start, run.Sizes.ProbeTime, run.Cancellation)));
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            return new FigureRow(
                $"{workers} workers, {name}",
                string.Create(CultureInfo.InvariantCulture, $"{done.Sum() / seconds:N0} chunks/s"),
                string.Create(CultureInfo.InvariantCulture, $"{done.Sum():N0} chunks in {seconds:F1} s"));
        }
        finally
        {
            foreach (LedgerHand hand in hands)
            {
                await hand.DisposeAsync();
            }
        }
    }

    private static async Task<int> WorkAsync(LedgerHand hand, long start, TimeSpan time, CancellationToken cancellationToken)
    {
        int done = 0;
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            IReadOnlyList<ClaimedGroup> groups = await hand.ClaimOrdinaryAsync(GroupsAtOnce, Lease, cancellationToken);
            if (groups.Count == 0)
            {
                break;
            }

            foreach (ClaimedGroup group in groups)
            {
                done += await hand.DoAsync(group, cancellationToken);
            }
        }

        return done;
    }
}
