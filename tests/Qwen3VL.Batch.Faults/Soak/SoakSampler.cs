using System.Collections.Concurrent;
using System.Diagnostics;
using Dapper;
using Npgsql;
using Qwen3VL.Batch.Faults.Models;
using Qwen3VL.Batch.Faults.Processes;
using Qwen3VL.Batch.Faults.Scenarios;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Faults.Soak;

/// <summary>
/// Looks at a soak every second. A claim is timed by making one: a group is leased through the product's ledger and given back at once. While
/// the database is away nothing is seen.
/// </summary>
internal sealed class SoakSampler : IAsyncDisposable
{
    private const string Look =
        """
        SELECT (SELECT coalesce(sum(done_chunks), 0) FROM vq.jobs)::bigint AS Done,
          (SELECT n_dead_tup FROM pg_stat_user_tables WHERE schemaname = 'vq' AND relname = 'work') AS DeadTuples,
          (pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') / 1048576)::float8 AS WalMiB,
          (SELECT count(*) FROM vq.work) AS Groups, (SELECT count(*) FROM vq.outbox) AS Outbox
        """;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private readonly string _database;
    private readonly WorkerProcess _steady;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sampling;

    /// <summary>Begins.</summary>
    /// <param name="database">Database.</param>
    /// <param name="steady">The worker whose memory is looked at.</param>
    public SoakSampler(string database, WorkerProcess steady)
    {
        _database = database;
        _steady = steady;
        _sampling = SampleAsync();
    }

    /// <summary>What was seen.</summary>
    public ConcurrentQueue<SoakSample> Samples { get; } = new();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sampling;
        _stop.Dispose();
    }

    private async Task SampleAsync()
    {
        long start = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(Period, World.Time);
        LedgerHand? hand = null;
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    hand ??= await LedgerHand.StartAsync(_database, _stop.Token);
                    double claim = await ClaimAsync(hand);
                    await using var connection = new NpgsqlConnection(_database + ";Pooling=false;Timeout=5");
                    Seen seen = await connection.QuerySingleAsync<Seen>(new CommandDefinition(Look, cancellationToken: _stop.Token));
                    double resident = ProcessFacts.ResidentBytes(_steady.Id) / (double)(1 << 20);
                    Samples.Enqueue(new SoakSample(
                        Stopwatch.GetElapsedTime(start).TotalSeconds, seen.Done, resident, seen.DeadTuples, seen.WalMiB, seen.Groups, seen.Outbox, claim));
                }
                catch (NpgsqlException)
                {
                    // The database is away: nothing to see.
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The soak ends.
        }
        finally
        {
            await (hand?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private async Task<double> ClaimAsync(LedgerHand hand)
    {
        long at = Stopwatch.GetTimestamp();
        IReadOnlyList<ClaimedGroup> groups = await hand.ClaimOrdinaryAsync(1, Lease, _stop.Token);
        double took = Stopwatch.GetElapsedTime(at).TotalMilliseconds;
        foreach (ClaimedGroup group in groups)
        {
            await hand.Ledger.ReleaseAsync(group, TimeSpan.Zero, CancellationToken.None);
        }

        return took;
    }

    private sealed record Seen(long Done, long DeadTuples, double WalMiB, long Groups, long Outbox);
}
