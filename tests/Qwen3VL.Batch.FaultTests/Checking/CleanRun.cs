using Dapper;
using Npgsql;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Ledger;
using Qwen3VL.Batch.Faults.Oracle;
using Qwen3VL.Batch.Faults.Servers;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.FaultTests.Checking;

/// <summary>
/// A real database in which the product's ledger has done one job of three pages without any fault, and the events that it wrote. Tests plant
/// into it what must never be.
/// </summary>
internal sealed class CleanRun
{
    private const int Pages = 3;

    private CleanRun(string database, ExpectedJob job)
    {
        Database = database;
        Expected.Jobs.Add(job);
        Ledger = [new LedgerRecord(LedgerEvent.Submitted) { Key = job.Key }, new LedgerRecord(LedgerEvent.Confirmed) { Key = job.Key }];
    }

    public string Database { get; }

    public RunExpectation Expected { get; } = new();

    public List<SeenEvent> Events { get; } = [];

    public List<LedgerRecord> Ledger { get; }

    public static async Task<CleanRun> MakeAsync(FaultServers servers)
    {
        var source = new SyntheticSource("a.pdf", Pages, new string('a', 64));
        var run = new CleanRun(await servers.CreateDatabaseAsync(), new ExpectedJob("key", source));
        await using NpgsqlDataSource database = LedgerDataSource.Create(new DatabaseOptions { ConnectionString = run.Database });
        await run.DoAsync(new PostgresJobLedger(database), source);
        await run.TakeEventsAsync();
        return run;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Database + ";Pooling=false");
        await connection.ExecuteAsync(sql);
    }

    /// <summary>What the checker says now.</summary>
    public Task<IReadOnlyList<Violation>> CheckAsync() => CheckAsync(static state => state);

    /// <summary>What the checker says of a state that is not what was read.</summary>
    public async Task<IReadOnlyList<Violation>> CheckAsync(Func<RunState, RunState> plant)
    {
        RunState state = await RunStateReader.ReadAsync(Database, CancellationToken.None);
        return Checker.Check(plant(state with { Events = Events, Ledger = Ledger }), Expected).Violations;
    }

    private async Task DoAsync(PostgresJobLedger ledger, SyntheticSource source)
    {
        SubmitJob command = new()
        {
            IdempotencyKey = "key",
            Kind = JobKind.Document,
            Source = new JobSource { Uri = source.Name },
            Tasks = [new JobTask { Kind = JobTaskKind.Ocr }],
        };
        Guid jobId = (await ledger.SubmitAsync(command, default)).JobId;
        long worker = await ledger.RegisterWorkerAsync(new WorkerIdentity("host", 1, "1", 1, [Lanes.Bulk, Lanes.Interactive]), default);
        PlannedChunk[] chunks = [.. Enumerable.Range(0, Pages).Select(no => new PlannedChunk(no, ChunkKind.Pages, 0, no + 1, no + 1))];
        ClaimedGroup planning = (await ledger.ClaimAsync(worker, ClaimLimits.Of(1), TimeSpan.FromMinutes(5), default)).Single();
        await ledger.CommitPlanAsync(planning, new JobPlan(new SourceFacts(source.Sha256, 1, "application/pdf", Pages, 0), [new PlannedGroup(1, 0, chunks)]), default);
        ClaimedGroup group = (await ledger.ClaimAsync(worker, ClaimLimits.Of(1), TimeSpan.FromMinutes(5), default)).Single();
        var oracle = new ExpectedResults(source, [JobTaskKind.Ocr]);
        foreach (OpenChunk open in await ledger.ReadOpenChunksAsync(group, default))
        {
            PlannedChunk chunk = open.Chunk;
            await ledger.StartChunkAsync(group, chunk, default);
            Ledger.Add(new LedgerRecord(LedgerEvent.EngineStarted) { Job = jobId, Chunk = chunk.ChunkNo });
            int page = chunk.FirstUnit;
            var result = new ChunkResult
            {
                Pages = [new PageResult(page, 32, 32, 0, 32, 32, oracle.Text(page), false, oracle.ContentSha256(page))],
                Usage = new ChunkUsage(1, 10, 0, 5, 5, 1),
            };
            await ledger.CompleteChunkAsync(group, chunk, result, default);
        }

        await ledger.FinishGroupAsync(group, default);
    }

    // What a relay and a subscriber would have done.
    private async Task TakeEventsAsync()
    {
        await using var connection = new NpgsqlConnection(Database + ";Pooling=false");
        IEnumerable<(Guid Id, Guid? Job, string Type)> rows = await connection.QueryAsync<(Guid, Guid?, string)>("DELETE FROM vq.outbox RETURNING id, job_id, message_type");
        Events.AddRange(rows.Select(row => new SeenEvent(BrokerNames.RoutingKey(row.Type), row.Id.ToString(), row.Job)));
    }
}
