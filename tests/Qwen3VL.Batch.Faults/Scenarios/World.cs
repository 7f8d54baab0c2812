using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Ledger;
using Qwen3VL.Batch.Faults.Network;
using Qwen3VL.Batch.Faults.Processes;
using Qwen3VL.Batch.Faults.Servers;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.TestKit;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>
/// What one scenario acts in: a database and a virtual host of its own, a folder, a subscriber, proxies, and the workers that it starts. Ends all
/// of them when it is disposed. Used by one scenario at a time.
/// </summary>
internal sealed partial class World : IAsyncDisposable
{
    private static readonly TimeSpan KeepLook = TimeSpan.FromMilliseconds(50);

    private readonly List<WorkerProcess> _workers = [];
    private readonly Stack<Func<Task>> _undo = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly EventWatcher _events;
    private readonly LedgerFile _ledger;
    private readonly Task _sampling;
    private ChaosProxy? _databaseProxy;
    private ChaosProxy? _brokerProxy;
    private long _residentMiB;
    private int _keys;

    private World(FaultServers servers, RunFolder folder, string database, BrokerOptions broker, LedgerFile ledger, EventWatcher events, int seed, Tier tier)
    {
        Servers = servers;
        Folder = folder;
        Database = database;
        Broker = broker;
        _ledger = ledger;
        _events = events;
        Seed = seed;
        Tier = tier;
        Random = new Random(seed);
        _sampling = SampleAsync();
    }

    /// <summary>Clock of the harness.</summary>
    public static TimeProvider Time => TimeProvider.System;

    /// <summary>The servers; a scenario that disturbs them runs alone.</summary>
    public FaultServers Servers { get; }

    /// <summary>Folder that workers share.</summary>
    public RunFolder Folder { get; }

    /// <summary>Connection string of the database.</summary>
    public string Database { get; }

    /// <summary>The broker.</summary>
    public BrokerOptions Broker { get; }

    /// <summary>Seed of everything random.</summary>
    public int Seed { get; }

    /// <summary>How much is wanted.</summary>
    public Tier Tier { get; }

    /// <summary>Random numbers of the scenario.</summary>
    public Random Random { get; }

    /// <summary>What must be found at the end.</summary>
    public RunExpectation Expected { get; } = new();

    /// <summary>What the scenario itself found wrong.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Numbers for the report, by name.</summary>
    public Dictionary<string, double> Counts { get; } = [];

    /// <summary>Workers that were started, in order.</summary>
    public IReadOnlyList<WorkerProcess> Workers => _workers;

    /// <summary>What the subscriber got so far.</summary>
    public IReadOnlyList<SeenEvent> Events => [.. _events.Seen];

    /// <summary>Deliveries to the subscriber beyond one of each event.</summary>
    public int EventRepeats => Events.Count - Events.Select(seen => seen.MessageId).Distinct().Count();

    /// <summary>Most files that a worker was seen to have open.</summary>
    public int MostOpenFiles { get; private set; }

    /// <summary>Proxy between workers and database; workers go through it when their setup names its port.</summary>
    public ChaosProxy DatabaseProxy => _databaseProxy ??= ChaosProxy.Start(Servers.Postgres.Port, Time);

    /// <summary>Proxy between workers and broker.</summary>
    public ChaosProxy BrokerProxy => _brokerProxy ??= ChaosProxy.Start(Servers.Broker.Port, Time);

    /// <summary>Makes one.</summary>
    public static async Task<World> CreateAsync(FaultServers servers, string name, int seed, Tier tier)
    {
        var folder = new RunFolder(Directory.CreateTempSubdirectory($"qwen3vl-faults-{name}-").FullName);
        string database = await servers.CreateDatabaseAsync();
        BrokerOptions broker = await servers.CreateVirtualHostAsync();
        var ledger = new LedgerFile(folder.LedgerOf("harness"), Time);
        EventWatcher events = await EventWatcher.StartAsync(broker, ledger, Time);
        return new World(servers, folder, database, broker, ledger, events, seed, tier);
    }

    /// <summary>Picks by tier.</summary>
    public T ByTier<T>(T fast, T full) => Tier == Tier.Fast ? fast : full;

    /// <summary>Starts a worker; returns at once.</summary>
    public WorkerProcess StartWorker(WorkerSetup? setup = null)
    {
        string name = $"worker-{_workers.Count + 1}";
        var worker = new WorkerProcess(name, WorkerLaunch.Of(setup ?? new WorkerSetup(), Folder, Database, Broker, Seed, Folder.Below(name + ".log")));
        _workers.Add(worker);
        return worker;
    }

    /// <summary>Puts something back when the world ends, after the check; last first. For scenarios that change a server.</summary>
    public void AtEnd(Func<Task> undo) => _undo.Push(undo);

    /// <summary>Keeps so many workers alive, whatever ends them, until something has happened; counts those that ended.</summary>
    public async Task KeepWorkersAsync(WorkerSetup setup, int workers, Func<Task> until)
    {
        Task happened = until();
        var alive = new List<WorkerProcess>();
        while (!happened.IsCompleted)
        {
            int ended = alive.RemoveAll(worker => worker.HasExited);
            Counts["workers that ended"] = Counts.GetValueOrDefault("workers that ended") + ended;
            while (alive.Count < workers)
            {
                alive.Add(StartWorker(setup));
            }

            await Task.WhenAny(happened, Task.Delay(KeepLook, Time));
        }

        await happened;
    }

    /// <summary>Waits until a worker has told the database that it is there.</summary>
    public Task UntilRegisteredAsync(WorkerProcess worker) => UntilRegisteredAsync([worker], 1);

    /// <summary>Waits until so many of these workers have told the database that they are there.</summary>
    public Task UntilRegisteredAsync(IReadOnlyList<WorkerProcess> workers, int least) => SeeAsync<int>(
        "SELECT count(*)::int FROM vq.workers WHERE pid = ANY(@Pids) AND stopped_at IS NULL",
        new { Pids = workers.Select(worker => worker.Id).ToArray() },
        found => found >= least,
        $"registration of {least} of {string.Join(' ', workers.Select(worker => worker.Name))}");

    /// <summary>Writes to the ledger that something bad is done now.</summary>
    public void Inject(string fault) => _ledger.Append(new LedgerRecord(LedgerEvent.FaultInjected) { Key = fault });

    /// <summary>Notes a problem unless <paramref name="holds"/>: <c>thing must be rule; got value</c>.</summary>
    public void Require(bool holds, string problem)
    {
        if (!holds)
        {
            Problems.Add(problem);
        }
    }

    /// <summary>Ends all workers in order; those that were stopped by a signal go on first.</summary>
    public async Task StopWorkersAsync()
    {
        foreach (WorkerProcess worker in _workers.Where(worker => !worker.HasExited))
        {
            await worker.TerminateAsync();
            await worker.ContinueAsync();
        }

        foreach (WorkerProcess worker in _workers)
        {
            try
            {
                await worker.ExitAsync(TimeSpan.FromSeconds(40));
            }
            catch (TimeoutException)
            {
                Problems.Add($"{worker.Name} must end within 40 s of SIGTERM; it did not");
                await worker.KillAsync();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        var failures = new List<Exception>();
        await _stop.CancelAsync();
        await TryAsync(() => _sampling);
        foreach (WorkerProcess worker in _workers)
        {
            await TryAsync(() => worker.DisposeAsync().AsTask());
        }

        while (_undo.TryPop(out Func<Task>? undo))
        {
            await TryAsync(undo);
        }

        await TryAsync(() => _events.DisposeAsync().AsTask());
        foreach (ChaosProxy proxy in ((ChaosProxy?[])[_databaseProxy, _brokerProxy]).OfType<ChaosProxy>())
        {
            await TryAsync(() => proxy.DisposeAsync().AsTask());
        }

        _ledger.Dispose();
        _stop.Dispose();
        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }

        // Broad on purpose: what cannot be ended or put back must not keep the rest from it.
        async Task TryAsync(Func<Task> end)
        {
            try
            {
                await end();
            }
            catch (Exception exception)
            {
                failures.Add(exception);
            }
        }
    }

    /// <summary>Looks until it holds.</summary>
    /// <exception cref="TimeoutException">It did not in time.</exception>
    public static Task UntilAsync(Func<Task<bool>> look, string what, double seconds = 60) => Eventually.TrueAsync(look, TimeSpan.FromSeconds(seconds), what);

    private async Task SampleAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250), Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                foreach (WorkerProcess worker in _workers.ToArray())
                {
                    MostOpenFiles = Math.Max(MostOpenFiles, worker.HasExited ? 0 : ProcessFacts.OpenFiles(worker.Id));
                    _residentMiB = Math.Max(_residentMiB, worker.HasExited ? 0 : ProcessFacts.ResidentBytes(worker.Id) >> 20);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The world ends.
        }
    }
}
