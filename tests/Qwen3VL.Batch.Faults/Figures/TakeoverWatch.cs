using System.Collections.Concurrent;
using System.Diagnostics;
using Dapper;
using Npgsql;
using Qwen3VL.Batch.Faults.Scenarios;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>
/// Measures how long groups of a worker that is gone stay its own, and how long they take to get to another: looks at the leases again and again.
/// A lease is taken back when the sweep has made the group ready, or has moved its chunks to groups of their own. A group is with another when it
/// was claimed again (a higher fence) or is no longer there. Between the two it waits in the order of <see cref="TenantFairness"/>, and may do so
/// behind groups of newer jobs.
/// </summary>
internal sealed class TakeoverWatch : IAsyncDisposable
{
    private const string Held =
        """
        SELECT w.job_id AS JobId, w.group_no AS GroupNo, w.fence AS Fence
        FROM vq.work w JOIN vq.workers k ON k.id = w.lease_owner WHERE k.pid = @Pid AND w.lease_until IS NOT NULL
        """;

    private const string Now = "SELECT job_id AS JobId, group_no AS GroupNo, fence AS Fence FROM vq.work";

    private const string Leased = Now + " WHERE lease_until IS NOT NULL";

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly string _database;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Loss, LeaseKey[]> _open = new();
    private readonly ConcurrentDictionary<Loss, LeaseKey[]> _leased = new();
    private readonly Task _watching;

    /// <summary>Begins to look.</summary>
    public TakeoverWatch(string database)
    {
        _database = database + ";Pooling=false";
        _watching = WatchAsync();
    }

    /// <summary>Seconds until all leases of a worker were taken back.</summary>
    public ConcurrentQueue<double> TakenBackSeconds { get; } = new();

    /// <summary>Seconds until all groups of a worker were with another.</summary>
    public ConcurrentQueue<double> Seconds { get; } = new();

    /// <summary>Those that are not over.</summary>
    public int Open => _open.Count;

    /// <summary>Groups that were lost in all.</summary>
    public int Groups { get; private set; }

    /// <summary>The leases of a process.</summary>
    public async Task<IReadOnlyList<LeaseKey>> HeldAsync(int processId)
    {
        await using var connection = new NpgsqlConnection(_database);
        return [.. await connection.QueryAsync<LeaseKey>(Held, new { Pid = processId })];
    }

    /// <summary>These groups have lost their worker, at a timestamp of <see cref="Stopwatch"/>.</summary>
    public void Lost(IReadOnlyList<LeaseKey> groups, long at)
    {
        if (groups.Count > 0)
        {
            Groups += groups.Count;
            var loss = new Loss(at);
            _leased[loss] = [.. groups];
            _open[loss] = [.. groups];
        }
    }

    /// <summary>Waits until none is open; false when that takes too long.</summary>
    public async Task<bool> AllOverAsync(TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        while (!_open.IsEmpty && watch.Elapsed < limit)
        {
            await Task.Delay(Poll, World.Time);
        }

        return _open.IsEmpty;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Poll, World.Time);
        NpgsqlConnection? connection = null;
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                if (_open.IsEmpty && _leased.IsEmpty)
                {
                    continue;
                }

                try
                {
                    connection ??= await OpenAsync();
                    Look(_leased, TakenBackSeconds, [.. await connection.QueryAsync<LeaseKey>(Leased)]);
                    Look(_open, Seconds, [.. await connection.QueryAsync<LeaseKey>(Now)]);
                }
                catch (NpgsqlException)
                {
                    // The server is away; it is asked again.
                    await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
                    connection = null;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The watch ends.
        }
        finally
        {
            await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(_database);
        await connection.OpenAsync(_stop.Token);
        return connection;
    }

    // Over when none of its groups is among the rows with the fence that it had.
    private static void Look(ConcurrentDictionary<Loss, LeaseKey[]> open, ConcurrentQueue<double> seconds, IReadOnlyList<LeaseKey> rows)
    {
        Dictionary<(Guid, int), long> fences = rows.ToDictionary(row => (row.JobId, row.GroupNo), row => row.Fence);
        foreach ((Loss loss, LeaseKey[] groups) in open)
        {
            if (groups.All(group => !fences.TryGetValue((group.JobId, group.GroupNo), out long fence) || fence > group.Fence) && open.TryRemove(loss, out _))
            {
                seconds.Enqueue(Stopwatch.GetElapsedTime(loss.At).TotalSeconds);
            }
        }
    }

    // A class: two losses at the same instant are two.
    private sealed class Loss(long at)
    {
        public long At { get; } = at;
    }
}
