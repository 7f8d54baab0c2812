using System.Text.Json.Nodes;
using Dapper;
using Npgsql;
using Qwen3VL.Batch.Contracts;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Processes;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Migrations;
using Qwen3VL.TestKit.Servers;
using RabbitMQ.Client;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>Many workers and their surroundings: clocks (F28), scaling (F32), other versions (F33), migrations (F34), limits (F37).</summary>
internal static class Fleet
{
    // The table of applied scripts, as the runner makes it.
    private const string History =
        """
        CREATE TABLE public.schema_migrations (
          version int NOT NULL PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(), duration_ms bigint NOT NULL)
        """;

    private const string Third = "INSERT INTO public.schema_migrations (version, name, sha256, duration_ms) VALUES (3, 'held', '', 0)";

    private const string Migrations = "SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'qwen3vl-migrations'";

    private const string WaitsForARow = Migrations + " AND wait_event_type = 'Lock' AND wait_event = 'transactionid'";

    private static readonly string[] FaketimeLibraries =
    [
        "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
        "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
    ];

    /// <summary>The scenarios.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("F28", "clocks an hour ahead and an hour behind", SkewAsync) { Unavailable = WhyNoSkew },
        new("F32", "workers come and go: 1, 4, 2", ChurnAsync),
        new("F33", "commands of another version, and a schema that grows, while work runs", MixAsync),
        new("F34", "five migrations at once, one killed on its way", MigrateAsync),
        new("F37", "a worker with few files", FewFilesAsync),
    ];

    private static string? WhyNoSkew() => FaketimeLibraries.Any(File.Exists) ? null : "libfaketime must be installed; it is not";

    private static async Task SkewAsync(World world)
    {
        var setup = new WorkerSetup { DelayMs = 50, LeaseSeconds = 10 };
        world.Inject("clock skew");
        foreach (string shift in (string[])["+1h", "-1h"])
        {
            world.StartWorker(setup with
            {
                Environment = new Dictionary<string, string>
                {
                    ["LD_PRELOAD"] = FaketimeLibraries.First(File.Exists),
                    ["FAKETIME"] = shift,
                    ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
                },
            });
        }

        await world.SubmitAsync(4, 40);
        foreach (ExpectedJob job in world.Expected.Jobs)
        {
            await world.UntilEndedAsync(job);
        }

        // No lease was taken from a worker that lives, whatever its clock says.
        world.Expected.MaxRedone = 0;
    }

    private static async Task ChurnAsync(World world)
    {
        var setup = new WorkerSetup { Slots = 2, ChunksAtOnce = 2, DelayMs = 100, LeaseSeconds = 6 };
        var alive = new Queue<WorkerProcess>();
        await world.SubmitAsync(10, 60);
        foreach (int wanted in (int[])[1, 4, 2, 4, 1, 2])
        {
            while (alive.Count < wanted)
            {
                WorkerProcess worker = world.StartWorker(setup);
                alive.Enqueue(worker);
                await world.UntilRegisteredAsync(worker);
            }

            while (alive.Count > wanted)
            {
                world.Inject("scale down");
                WorkerProcess worker = alive.Dequeue();
                await worker.TerminateAsync();
                world.Require(await worker.ExitAsync(TimeSpan.FromSeconds(30)) == 0, "a worker that is not wanted any more must end with 0; it did not");
            }

            int done = await world.DoneAsync();
            await world.SeeAsync<int>("SELECT coalesce(sum(done_chunks), 0)::int FROM vq.jobs", null, now => now >= Math.Min(done + 40, 600), "work that goes on");
        }

        foreach (ExpectedJob job in world.Expected.Jobs)
        {
            await world.UntilEndedAsync(job);
        }

        world.Expected.MaxRedone = 0;
    }

    private static async Task MixAsync(World world)
    {
        world.StartWorker(new WorkerSetup { DelayMs = 50 });
        await world.SubmitAsync(1, 60);
        await world.UntilDoneAsync(5);
        world.Inject("another version");

        // Expand: what the next version adds, while this one works. Columns with defaults, tables, indexes made concurrently.
        await world.ExecuteAsync("ALTER TABLE vq.work ADD COLUMN next_version int NOT NULL DEFAULT 0");
        await world.ExecuteAsync("ALTER TABLE vq.chunks ADD COLUMN next_version text");
        await world.ExecuteAsync("CREATE INDEX CONCURRENTLY work_next_version ON vq.work (next_version)");

        ExpectedJob later = world.NewJob(4);
        world.Expected.Jobs.Add(later);
        JsonObject known = Body(World.Command(later));
        known["aFieldOfTheNextVersion"] = new JsonObject { ["deep"] = true };
        SubmitJob[] refused = [World.Command(world.NewJob(4)), World.Command(world.NewJob(4))];
        JsonObject unknown = Body(refused[0]);
        unknown["kind"] = "hologram";
        JsonObject newer = Body(refused[1]);
        newer["schemaVersion"] = 2;
        world.Expected.Rejections.AddRange(refused.Select(command => command.IdempotencyKey));
        world.Expected.DeadCommands = 1;
        await using IConnection connection = await BrokerConnection.OpenAsync(world.Broker, "fault suite", CancellationToken.None);
        await using IChannel channel = await connection.CreateChannelAsync();
        foreach (JsonObject body in (JsonObject[])[known, unknown, newer])
        {
            var properties = new BasicProperties
            {
                MessageId = Guid.CreateVersion7(World.Time.GetUtcNow()).ToString(),
                ContentType = BrokerNames.ContentType,
                Persistent = true,
                Headers = new Dictionary<string, object?> { [BrokerNames.MessageTypeHeader] = BrokerNames.ContractType(nameof(SubmitJob)) },
            };
            await channel.BasicPublishAsync(BrokerNames.Commands, "", mandatory: true, properties, System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()));
        }

        await world.UntilEndedAsync(later);
        await World.UntilAsync(async () => await world.DeadCommandsAsync() > 0, "a dead command");
    }

    private static JsonObject Body(SubmitJob command) =>
        System.Text.Json.JsonSerializer.SerializeToNode(command, ContractJson.Options)?.AsObject() ?? throw new InvalidOperationException("a command must be an object; got null");

    private static async Task MigrateAsync(World world)
    {
        const int runners = 5;
        string empty = await world.Servers.CreateEmptyDatabaseAsync();
        var environment = new Dictionary<string, string> { ["QWEN3VL_Database__ConnectionString"] = empty };
        string[] command = [WorkerPrograms.Product, "migrate"];
        await using var connection = new NpgsqlConnection(empty + ";Pooling=false");
        await connection.OpenAsync();
        List<ServerProcess> all = [];
        await using (var session = new NpgsqlConnection(empty + ";Pooling=false"))
        {
            // Whoever notes that the third script is applied waits for this row, with two scripts committed and the third inside its transaction.
            await session.OpenAsync();
            await session.ExecuteAsync(History);
            await using NpgsqlTransaction transaction = await session.BeginTransactionAsync();
            await session.ExecuteAsync(Third, transaction: transaction);
            all.Add(Migrate(0));
            await World.UntilAsync(() => ManyAsync(connection, WaitsForARow, 1), "a migration on its way");
            all.AddRange(Enumerable.Range(1, runners - 1).Select(Migrate));
            await World.UntilAsync(() => ManyAsync(connection, Migrations, runners), "migrations that wait for the first");
            world.Inject("kill -9 of a migration");
            await all[0].SignalAsync("KILL", CancellationToken.None);
            await all[0].WaitForExitAsync(CancellationToken.None);
            int applied = await connection.QuerySingleAsync<int>("SELECT count(*)::int FROM public.schema_migrations");
            world.Require(all[0].ExitCode == 137 && applied == 2, $"the first migration must be killed after two scripts; ended with {all[0].ExitCode} after {applied}");
        }

        foreach (ServerProcess process in all)
        {
            await process.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(120), World.Time);
        }

        int[] codes = [.. all.Skip(1).Select(process => process.ExitCode)];
        world.Require(codes.All(code => code == 0), $"migrations beside a killed one must end with 0; got {string.Join(' ', codes)}");
        var runner = new MigrationRunner(empty, World.Time);
        int version = await runner.VerifyAsync(CancellationToken.None);
        world.Require(version == runner.TargetVersion, $"the schema must be of version {runner.TargetVersion}; got {version}");
        int invalid = await connection.QuerySingleAsync<int>("SELECT count(*)::int FROM pg_index WHERE NOT indisvalid");
        world.Require(invalid == 0, $"no index may be left invalid; got {invalid}");
        foreach (ServerProcess process in all)
        {
            await process.DisposeAsync();
        }

        ServerProcess Migrate(int number) => ServerProcess.Start(new ServerLaunch(world.Folder.Below($"migrate-{number}.log"), command) { Environment = environment });
    }

    private static async Task<bool> ManyAsync(NpgsqlConnection connection, string sql, int least) => await connection.QuerySingleAsync<int>(sql) >= least;

    private static async Task FewFilesAsync(World world)
    {
        const int files = 256;
        string[] prefix = ["sh", "-c", $"ulimit -n {files}; exec \"$@\"", "sh"];
        world.Inject("few files");
        WorkerProcess worker = world.StartWorker(new WorkerSetup { Slots = 8, ChunksAtOnce = 8, ChunksPerGroup = 16, Prefix = prefix });
        await world.UntilRegisteredAsync(worker);
        long allowed = ProcessFacts.OpenFilesAllowed(worker.Id);
        world.Require(allowed == files, $"the worker must be allowed {files} files; got {allowed}");
        await world.SubmitAsync(8, 32);
        await world.UntilDoneAsync(8);

        // The runtime itself may end a process that gets no file where it needs one; another worker then does the rest.
        world.StartWorker(new WorkerSetup { Slots = 2 });
        foreach (ExpectedJob job in world.Expected.Jobs)
        {
            await world.UntilEndedAsync(job);
        }

        world.Counts["workers that ended"] = worker.HasExited ? 1 : 0;
        world.Counts["most open files"] = world.MostOpenFiles;
        world.Expected.RedonePerLostClaim = 8;
    }
}
