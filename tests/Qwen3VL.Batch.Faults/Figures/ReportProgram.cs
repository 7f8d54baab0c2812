using System.Diagnostics;
using Qwen3VL.Batch.Faults.Servers;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>Measures figures and writes the page. One figure after another: each has the machine for itself.</summary>
internal static class ReportProgram
{
    // As durable as a server that is meant to keep what it says: without it the numbers of the ledger would be too good.
    private static readonly string[] Durable = ["fsync=on", "full_page_writes=on", "shared_buffers=256MB"];

    /// <summary>Measures and writes; returns how many figures failed.</summary>
    public static async Task<int> RunAsync(ReportOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        Reliability numbers = await Reliability.ReadAsync(options.Numbers, cancellationToken);
        foreach (string file in options.Results)
        {
            numbers = numbers.WithFaults(await LastRun.ReadAsync(file, cancellationToken));
        }

        int failed = 0;
        if (options.Figures.Count > 0)
        {
            (numbers, failed) = await MeasureAsync(options, numbers, output, cancellationToken);
        }

        await SaveAsync(options, numbers, cancellationToken);
        await output.WriteLineAsync($"wrote {Path.GetFileName(options.Out)} and {Path.GetFileName(options.Numbers)}");
        return failed;
    }

    private static async Task<(Reliability Numbers, int Failed)> MeasureAsync(
        ReportOptions options, Reliability numbers, TextWriter output, CancellationToken cancellationToken)
    {
        int failed = 0;
        await using FaultServers servers = await StartAsync();
        numbers = numbers with { Machine = await MachineFacts.ReadAsync(servers, cancellationToken) };
        foreach (Figure figure in options.Figures)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            await output.WriteLineAsync($"{figure.Id}: measuring");
            try
            {
                var run = new FigureRun(servers, FigureSizes.Of(options.Sizes), options.Seed, cancellationToken);
                IReadOnlyList<FigureRow> rows = await figure.MeasureAsync(run);
                run.DeleteFolders();
                double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                string command = $"ops/faults --report --only {figure.Id}" + (options.Sizes == "default" ? "" : " --sizes " + options.Sizes);
                numbers = numbers.With(new FigureResult(figure.Id, command, TimeProvider.System.GetUtcNow(), options.Commit, seconds, rows));
                foreach (FigureRow row in rows)
                {
                    await output.WriteLineAsync($"  {row.Name}: {row.Value} ({row.Basis})");
                }
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Broad on purpose: the edge of a figure. The others are measured all the same, and this one's old number stays.
                failed++;
                await output.WriteLineAsync($"{figure.Id} FAILED: {exception.GetType().Name}: {exception.Message} {exception.StackTrace}");
                await servers.Postgres.StartAgainAsync();
                await servers.Broker.StartAgainAsync();
            }

            // After each: what was measured is not lost when a later one is interrupted.
            await SaveAsync(options, numbers, cancellationToken);
        }

        return (numbers, failed);
    }

    private static async Task<FaultServers> StartAsync()
    {
        FaultServers servers = await FaultServers.StartAsync();
        servers.Postgres.Settings = Durable;
        await servers.Postgres.StopAsync();
        await servers.Postgres.StartAgainAsync();
        return servers;
    }

    private static async Task SaveAsync(ReportOptions options, Reliability numbers, CancellationToken cancellationToken)
    {
        await numbers.WriteAsync(options.Numbers, cancellationToken);
        await File.WriteAllTextAsync(options.Out, ReliabilityPage.Render(numbers), cancellationToken);
    }
}
