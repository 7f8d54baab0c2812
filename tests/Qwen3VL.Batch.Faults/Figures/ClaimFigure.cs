using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Dapper;
using Npgsql;
using Qwen3VL.Batch.Faults.Models;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>How long a claim takes when very much waits.</summary>
internal static class ClaimFigure
{
    private const int GroupsPerJob = 100;

    // One job row for every hundred groups, so that what a claim looks up beside the hot list is there.
    private const string Fill =
        """
        WITH jobs AS (
          INSERT INTO vq.jobs (id, tenant_id, priority, state, kind, idem_key, source_uri, tasks, options, total_chunks)
          SELECT vq.uuid7(), n % 10, 5, 'running', 'document', 'claim-' || n, 'a.pdf', '[]', '{}', @PerJob FROM generate_series(1, @Jobs) n
          RETURNING id, tenant_id)
        INSERT INTO vq.work (job_id, group_no, order_key, first_chunk, last_chunk, tenant_id)
        SELECT j.id, g, now() - random() * interval '6 hours', g - 1, g - 1, j.tenant_id FROM jobs j CROSS JOIN generate_series(1, @PerJob) g
        """;

    private const string Delete = "DELETE FROM vq.work WHERE job_id = @JobId AND group_no = @GroupNo AND fence = @Fence";

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    /// <summary>The figure.</summary>
    public static Figure Figure { get; } = new(
        "claim",
        "Claims with very much waiting",
        """
        The product's ledger in this process, one pool of connections for each claimer; no worker, no engine. Each claimer leases one group
        (timed), deletes it as finishing does (not timed), and again. The last lines hold a snapshot open meanwhile, as an idle transaction of a
        foreign program would; sessions of the product end by themselves after 30 s of idling in a transaction.
        """,
        MeasureAsync);

    private static async Task<IReadOnlyList<FigureRow>> MeasureAsync(FigureRun run)
    {
        string database = await run.Servers.CreateDatabaseAsync();
        await using (var connection = new NpgsqlConnection(database + ";Pooling=false;Command Timeout=300"))
        {
            await connection.ExecuteAsync(Fill, new { PerJob = GroupsPerJob, Jobs = run.Sizes.ReadyGroups / GroupsPerJob });
            await connection.ExecuteAsync("ANALYZE vq.work");
        }

        var rows = new List<FigureRow>();
        foreach (int claimers in (int[])[1, 4, 8])
        {
            List<double> took = await ProbeAsync(database, claimers, run.Sizes.ProbeTime, run.Cancellation);
            rows.Add(Row($"{claimers} claimers", took, run.Sizes.ProbeTime, run.Sizes));
        }

        await using var holder = new NpgsqlConnection(database + ";Pooling=false");
        await holder.OpenAsync(run.Cancellation);
        await using NpgsqlTransaction snapshot = await holder.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, run.Cancellation);
        _ = await holder.ExecuteScalarAsync<int>("SELECT 1", transaction: snapshot);
        const int parts = 3;
        TimeSpan part = run.Sizes.SnapshotTime / parts;
        for (int at = 0; at < parts; at++)
        {
            List<double> took = await ProbeAsync(database, 4, part, run.Cancellation);
            string name = string.Create(CultureInfo.InvariantCulture, $"4 claimers, a snapshot open for {at * part.TotalSeconds:F0} to {(at + 1) * part.TotalSeconds:F0} s");
            rows.Add(Row(name, took, part, run.Sizes));
        }

        return rows;
    }

    private static FigureRow Row(string name, List<double> took, TimeSpan time, FigureSizes sizes) => new(
        name,
        Statistics.MedianAndTail(took),
        string.Create(CultureInfo.InvariantCulture, $"{took.Count:N0} claims in {time.TotalSeconds:F0} s ({took.Count / time.TotalSeconds:N0}/s), {sizes.ReadyGroups:N0} groups ready at first"));

    private static async Task<List<double>> ProbeAsync(string database, int claimers, TimeSpan time, CancellationToken cancellationToken)
    {
        var all = new ConcurrentBag<double>();
        var hands = new List<LedgerHand>();
        try
        {
            for (int claimer = 0; claimer < claimers; claimer++)
            {
                hands.Add(await LedgerHand.StartAsync(database, cancellationToken));
            }

            long start = Stopwatch.GetTimestamp();
            await Task.WhenAll(hands.Select(hand => ClaimAsync(hand, start)));
        }
        finally
        {
            foreach (LedgerHand hand in hands)
            {
                await hand.DisposeAsync();
            }
        }

        return [.. all];

        async Task ClaimAsync(LedgerHand hand, long start)
        {
            await using var connection = new NpgsqlConnection(database + ";Pooling=false");
            await connection.OpenAsync(cancellationToken);
            while (Stopwatch.GetElapsedTime(start) < time)
            {
                long at = Stopwatch.GetTimestamp();
                IReadOnlyList<ClaimedGroup> groups = await hand.ClaimOrdinaryAsync(1, Lease, cancellationToken);
                all.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
                if (groups.Count == 0)
                {
                    return;
                }

                await connection.ExecuteAsync(new CommandDefinition(Delete, groups[0], cancellationToken: cancellationToken));
            }
        }
    }
}
