using System.Globalization;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>What queues that promise less do on the same machine.</summary>
internal static class ReferenceFigure
{
    private const int MessagesPerSecondOfProbe = 2_000;

    /// <summary>The figure.</summary>
    public static Figure Figure { get; } = new(
        "reference",
        "For comparison: queues that promise less",
        """
        The same servers. pgbench over a table with one row for each message: delete the oldest unlocked row, commit. And a quorum queue of RabbitMQ:
        persistent messages of 256 bytes, confirms, consumers that acknowledge one by one with a prefetch of 32, no effect and no database behind
        them. Neither stores a result, counts a start, or survives a consumer's death without doing the message again; one chunk of the ledger is one
        message there.
        """,
        MeasureAsync);

    private static async Task<IReadOnlyList<FigureRow>> MeasureAsync(FigureRun run)
    {
        var rows = new List<FigureRow>();
        string database = await run.Servers.CreateDatabaseAsync();
        await PlainQueueProbe.PrepareAsync(database, run.Cancellation);
        foreach (int clients in (int[])[1, 4, 8])
        {
            double? rate = await PlainQueueProbe.RunAsync(database, clients, run.Sizes.ProbeTime, run.Cancellation);
            string value = rate is null ? "not measured: pgbench is not installed" : string.Create(CultureInfo.InvariantCulture, $"{rate:N0} messages/s");
            rows.Add(new($"plain table, {clients} clients", value, string.Create(CultureInfo.InvariantCulture, $"pgbench for {run.Sizes.ProbeTime.TotalSeconds:F0} s")));
        }

        int messages = (int)(MessagesPerSecondOfProbe * run.Sizes.ProbeTime.TotalSeconds);
        foreach (int consumers in (int[])[1, 4, 8])
        {
            (double sent, double taken) = await BrokerQueueProbe.RunAsync(run.Servers, consumers, messages, run.Cancellation);
            rows.Add(new(
                $"RabbitMQ quorum queue, {consumers} consumers",
                string.Create(CultureInfo.InvariantCulture, $"{taken:N0} messages/s taken"),
                string.Create(CultureInfo.InvariantCulture, $"{messages:N0} messages; sent before at {sent:N0}/s, confirms awaited")));
        }

        return rows;
    }
}
