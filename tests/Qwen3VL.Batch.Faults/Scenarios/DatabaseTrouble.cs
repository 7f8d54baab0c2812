using Npgsql;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Ledger;
using Qwen3VL.Batch.Faults.Processes;
using Qwen3VL.Batch.Faults.Servers;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>A database that is there and does not do what it should: F6 to F11, and months without partitions (F36).</summary>
internal static class DatabaseTrouble
{
    // SQLSTATEs of the PostgreSQL manual, appendix A.
    private const string ReadOnly = "25006";
    private const string DiskFull = "53100";

    // A row without a partition violates the check of no constraint.
    private const string NoPartition = "23514";

    /// <summary>The scenarios.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("F6", "the database is away for a minute", StayAwayAsync) { RunsAlone = true, SettleLimit = TimeSpan.FromSeconds(120) },
        new("F7", "the database is read-only, as a standby is in a failover", ReadOnlyAsync) { RunsAlone = true },
        new("F8", "the disk of the database is full", FillDiskAsync) { Unavailable = TmpfsDisk.WhyNot, SettleLimit = TimeSpan.FromSeconds(120) },
        new("F9", "more workers than the database has connections", StormAsync) { RunsAlone = true, SettleLimit = TimeSpan.FromSeconds(120) },
        new("F10", "locks: a session that keeps a job's row, and cancels against completions", ContendAsync),
        new("F11", "a worker that stops inside a transaction and keeps its locks and its snapshot", StopInsideAsync) { SettleLimit = TimeSpan.FromSeconds(90) },
        new("F36", "no partition for this month", DropMonthAsync),
    ];

    private static async Task StayAwayAsync(World world)
    {
        // The length of the outage is the fault.
        var outage = TimeSpan.FromSeconds(60);
        var setup = new WorkerSetup { DelayMs = 100 };
        WorkerProcess[] workers = [world.StartWorker(setup), world.StartWorker(setup)];
        await world.SubmitAsync(2, 80);
        await world.UntilDoneAsync(10);
        world.Inject("database away");
        await world.Servers.Postgres.StopAsync();
        ExpectedJob meanwhile = world.NewJob(4);
        await world.SubmitAsync(meanwhile);
        await Task.Delay(outage, World.Time);
        await world.Servers.Postgres.StartAgainAsync();
        int done = await world.DoneAsync();
        int total = world.Expected.Jobs.Sum(job => job.Source?.Pages ?? 0);
        await world.MeasureAsync("database outage", 30, () => world.UntilDoneAsync(Math.Min(done + 1, total)));
        await world.UntilEndedAsync(meanwhile, TimeSpan.FromSeconds(120));
        world.Require(workers.All(worker => !worker.HasExited), "workers must outlive an outage; one ended");
    }

    private static async Task ReadOnlyAsync(World world)
    {
        // The last page waits until the database refuses, so that there is a completion to be refused.
        const int pages = 60;
        world.Folder.WriteOrders([new FaultOrder(FaultAction.Gate) { PageNo = pages, Gate = "read-only" }]);
        world.StartWorker(new WorkerSetup { DelayMs = 100 });
        await world.SubmitAsync(1, pages);
        await world.UntilDoneAsync(5);
        world.Inject("read-only");
        world.AtEnd(() => SetReadOnlyAsync(world, "off"));
        await SetReadOnlyAsync(world, "on");
        world.Folder.OpenGate("read-only");
        _ = await world.UntilRecordedAsync(record => record is { Event: LedgerEvent.WriteFailed, Note: ReadOnly }, "a completion that is refused");
        await SetReadOnlyAsync(world, "off");
        int done = await world.DoneAsync();
        await world.MeasureAsync("read-only database", 20, () => world.UntilDoneAsync(Math.Min(done + 1, pages)));
    }

    private static async Task SetReadOnlyAsync(World world, string value)
    {
        await world.ExecuteAsync($"ALTER SYSTEM SET default_transaction_read_only = {value}");
        _ = await world.ValueAsync<bool>("SELECT pg_reload_conf()");
        _ = await world.SeeAsync<string>("SHOW default_transaction_read_only", null, now => now == value, "the setting in new sessions");
    }

    private static async Task FillDiskAsync(World world)
    {
        var disk = await TmpfsDisk.MountAsync(world.Folder.Below("disk"), megaBytes: 128);
        world.AtEnd(() => disk.RemoveAsync(world.Servers.Postgres.ConnectionString, world.Database));
        await disk.TakeDatabaseAsync(world.Servers.Postgres.ConnectionString, world.Database);
        WorkerProcess worker = world.StartWorker(new WorkerSetup { ChunksPerGroup = 64 });
        const int pages = 1_500;
        await world.SubmitAsync(1, pages);
        await world.UntilDoneAsync(5);
        world.Inject("disk full");
        disk.Fill();
        _ = await world.UntilRecordedAsync(record => record is { Event: LedgerEvent.WriteFailed, Note: DiskFull }, "a completion that finds no room");
        disk.Free();
        int done = await world.DoneAsync();
        await world.MeasureAsync("full disk", 30, () => world.UntilDoneAsync(Math.Min(done + 1, pages)));
        await world.UntilEndedAsync(world.Expected.Jobs[0], TimeSpan.FromSeconds(120));
        world.Require(!worker.HasExited, "a worker must outlive a full disk; it ended");
    }

    private static async Task StormAsync(World world)
    {
        world.AtEnd(() => RestartAsync(world, []));
        await RestartAsync(world, ["max_connections=20"]);
        world.Inject("connection storm");
        for (int number = 0; number < 8; number++)
        {
            world.StartWorker(new WorkerSetup { DelayMs = 50 });
        }

        await world.SubmitAsync(6, 60);
        foreach (ExpectedJob job in world.Expected.Jobs)
        {
            await world.UntilEndedAsync(job, TimeSpan.FromSeconds(180));
        }

        world.Require(world.Workers.All(worker => !worker.HasExited), "workers must outlive a database without connections; one ended");
    }

    private static async Task RestartAsync(World world, IReadOnlyList<string> settings)
    {
        world.Servers.Postgres.Settings = settings;
        await world.Servers.Postgres.StopAsync();
        await world.Servers.Postgres.StartAgainAsync();
    }

    private static async Task ContendAsync(World world)
    {
        const int jobs = 200;
        world.StartWorker();
        world.StartWorker();
        ExpectedJob held = world.NewJob(8);
        world.Folder.WriteOrders([new FaultOrder(FaultAction.Gate) { FileSha256 = held.Source?.Sha256, PageNo = 8, Gate = "held" }]);
        await world.SubmitAsync(held);
        await world.UntilDoneAsync(7);
        await using (var session = new NpgsqlConnection(world.Database + ";Pooling=false"))
        {
            await session.OpenAsync();
            await using NpgsqlTransaction transaction = await session.BeginTransactionAsync();
            await using var hold = new NpgsqlCommand("SELECT FROM vq.jobs FOR UPDATE", session, transaction);
            await hold.ExecuteNonQueryAsync();
            world.Inject("row of a job kept");
            world.Folder.OpenGate("held");

            // Longer than a completion waits for a lock.
            _ = await world.UntilRecordedAsync(record => record is { Event: LedgerEvent.WriteFailed, Note: "55P03" }, "a completion that waited too long");
        }

        await world.UntilEndedAsync(held);
        ExpectedJob[] races = [.. Enumerable.Range(0, jobs).Select(_ => world.NewJob(4) with { States = ["cancelled", "succeeded"] })];
        await world.SubmitAsync(races);
        await Parallel.ForEachAsync(races, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (job, _) => await world.CancelAsync(job));
        foreach (ExpectedJob job in races)
        {
            await world.UntilEndedAsync(job);
        }

        long deadlocks = await world.ValueAsync<long>("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
        world.Require(deadlocks == 0, $"cancels and completions must not wait for each other in a circle; got {deadlocks} deadlocks");
    }

    private static async Task StopInsideAsync(World world)
    {
        var setup = new WorkerSetup { Slots = 1, ChunksAtOnce = 1 };
        WorkerProcess stopped = world.StartWorker(setup with { PauseAt = CrashPoint.BeforeCommit });
        ExpectedJob job = world.NewJob(4);
        await world.SubmitAsync(job);
        await stopped.StoppedAsync(TimeSpan.FromSeconds(60));
        world.Inject("stopped inside a transaction");
        world.StartWorker(setup);

        // The server ends a session that is idle in a transaction after 30 s.
        await world.MeasureAsync("transaction left open", 60, () => world.UntilEndedAsync(job, TimeSpan.FromSeconds(90)));
        await stopped.ContinueAsync();
    }

    private static async Task DropMonthAsync(World world)
    {
        string month = await world.ValueAsync<string>("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYYMM')");
        WorkerProcess worker = world.StartWorker();
        await world.UntilRegisteredAsync(worker);
        ExpectedJob job = world.NewJob(6);
        await using (var session = new NpgsqlConnection(world.Database + ";Pooling=false"))
        {
            // Who makes partitions holds this lock: while it is ours, no sweep makes the month again before the job has met its lack.
            await session.OpenAsync();
            await using NpgsqlTransaction transaction = await session.BeginTransactionAsync();
            await using var hold = new NpgsqlCommand("SELECT pg_advisory_xact_lock(7310450231)", session, transaction);
            await hold.ExecuteNonQueryAsync();
            world.Inject("no partition");
            await world.ExecuteAsync($"DROP TABLE vq.jobs_{month}, vq.chunk_attempts_{month}, vq.usage_records_{month}");
            await world.SubmitAsync(job);
            _ = await world.UntilRecordedAsync(record => record is { Event: LedgerEvent.SubmitFailed, Note: NoPartition }, "a job without a partition");
        }

        await world.MeasureAsync("missing partition", 30, () => world.UntilEndedAsync(job));
    }
}
