using Qwen3VL.Batch.Faults.Processes;
using Qwen3VL.Batch.Faults.Scenarios;

namespace Qwen3VL.Batch.Faults.Soak;

/// <summary>Breaks something every few seconds: workers that are killed, stopped and drained; now and then a crash of a server.</summary>
internal sealed class SoakFaults
{
    private const int Workers = 2;

    private static readonly WorkerSetup Setup = new() { Slots = 2, DelayMs = 80, GraceSeconds = 5 };

    private readonly World _world;
    private readonly List<WorkerProcess> _workers;

    /// <summary>Starts the workers.</summary>
    public SoakFaults(World world)
    {
        _world = world;
        Steady = world.StartWorker(Setup);
        _workers = [.. Enumerable.Range(0, Workers).Select(_ => world.StartWorker(Setup))];
    }

    /// <summary>The worker that no fault is aimed at.</summary>
    public WorkerProcess Steady { get; }

    /// <summary>Faults so far, by kind.</summary>
    public SortedDictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);

    /// <summary>Breaks one thing and puts it right.</summary>
    public async Task BreakOneAsync(CancellationToken cancellationToken)
    {
        // Out of twenty: ten kills, four stops, four drains, a crash of each server.
        (string Kind, Func<Task> Act) fault = _world.Random.Next(20) switch
        {
            < 10 => Fault("kill -9 of a worker", () => ReplaceAsync(worker => worker.KillAsync())),
            < 14 => Fault("SIGSTOP of a worker for two leases", () => StopAsync(cancellationToken)),
            < 18 => Fault("drain of a worker", () => ReplaceAsync(DrainAsync)),
            < 19 => Fault("crash of the database", CrashDatabaseAsync),
            _ => Fault("kill -9 of the broker", KillBrokerAsync),
        };
        _world.Inject(fault.Kind);
        await fault.Act();
        Counts[fault.Kind] = Counts.GetValueOrDefault(fault.Kind) + 1;
    }

    private static (string Kind, Func<Task> Act) Fault(string kind, Func<Task> act) => (kind, act);

    private static async Task DrainAsync(WorkerProcess worker)
    {
        await worker.TerminateAsync();
        _ = await worker.ExitAsync(TimeSpan.FromSeconds(40));
    }

    private async Task ReplaceAsync(Func<WorkerProcess, Task> end)
    {
        int at = _world.Random.Next(_workers.Count);
        await end(_workers[at]);
        _workers[at] = _world.StartWorker(Setup);
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        WorkerProcess worker = _workers[_world.Random.Next(_workers.Count)];
        await worker.StopAsync();
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(2 * Setup.LeaseSeconds), World.Time, cancellationToken);
        }
        finally
        {
            await worker.ContinueAsync();
        }
    }

    private async Task CrashDatabaseAsync()
    {
        await _world.Servers.Postgres.KillAsync();
        await _world.Servers.Postgres.StartAgainAsync();
    }

    private async Task KillBrokerAsync()
    {
        await _world.Servers.Broker.FlushDeclarationsAsync();
        await _world.Servers.Broker.KillAsync();
        await _world.Servers.Broker.StartAgainAsync();
    }
}
