using System.Collections.Concurrent;
using System.Diagnostics;
using Dapper;
using Npgsql;
using Qwen3VL.Batch.Faults.Scenarios;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>
/// Measures how long groups of a worker that is gone take to get to another: looks at the leases again and again. A group is with another when
/// it was claimed again (a higher fence) or is no longer there (done by another, or moved to a group of its own).
/// </summary>
internal sealed class TakeoverWatch : IAsyncDisposable
{
    private const string Held =
        """
        SELECT w.job_id AS JobId, w.group_no AS GroupNo, w.fence AS Fence
        FROM vq.work w JOIN vq.workers k ON k.id = w.lease_owner WHERE k.pid = @Pid AND w.lease_until IS NOT NULL
        """;

    private const string Now = "SELECT job_id AS JobId, group_no AS GroupNo, fence AS Fence FROM vq.work";

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly string _database;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Loss, LeaseKey[]> _open = new();
    private readonly Task _watching;

    /// <summary>Begins to look.</summary>
    public TakeoverWatch(string database)
    {
        _database = database + ";Pooling=false";
        _watching = WatchAsync();
    }

    /// <summary>Seconds of those that are over.</summary>
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
            _open[new Loss(at)] = [.. groups];
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
                if (_open.IsEmpty)
                {
                    continue;
                }

                try
                {
                    connection ??= await OpenAsync();
                    Look([.. await connection.QueryAsync<LeaseKey>(Now)]);
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

    private void Look(IReadOnlyList<LeaseKey> rows)
    {
        Dictionary<(Guid, int), long> fences = rows.ToDictionary(row => (row.JobId, row.GroupNo), row => row.Fence);
        foreach ((Loss loss, LeaseKey[] groups) in _open)
        {
            if (groups.All(group => !fences.TryGetValue((group.JobId, group.GroupNo), out long fence) || fence > group.Fence) && _open.TryRemove(loss, out _))
            {
                Seconds.Enqueue(Stopwatch.GetElapsedTime(loss.At).TotalSeconds);
            }
        }
    }

    // A class: two losses at the same instant are two.
    private sealed class Loss(long at)
    {
        public long At { get; } = at;
    }
}
