using Dapper;
using Npgsql;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Shouldly;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

/// <summary>A migrated database with a ledger on it, and the steps that most tests take.</summary>
internal sealed class LedgerDatabase : IAsyncDisposable
{
    public const long Tenant = 7;

    public static readonly TimeSpan LeaseTime = TimeSpan.FromMinutes(5);
    public static readonly SourceFacts Facts = new(new string('a', 64), 1_000, "application/pdf", 3, 0);
    public static readonly JobError Broken = new(ErrorCodes.DecodeFailed, "the page must be readable");

    private LedgerDatabase(string connectionString)
    {
        Source = Connect(connectionString);
        WorkerSource = Connect(TestLogins.AsWorker(connectionString));
        ReaderSource = Connect(TestLogins.AsReader(connectionString));
        Ledger = new PostgresJobLedger(WorkerSource);
        Outbox = new PostgresOutbox(WorkerSource);
        Reader = new PostgresResultReader(ReaderSource);
        DeadLetters = new PostgresDeadLetters(WorkerSource, new PlanningOptions(), TimeProvider.System);
    }

    /// <summary>With all rights: for what a test arranges and looks at.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>With the rights of a worker.</summary>
    public NpgsqlDataSource WorkerSource { get; }

    /// <summary>With the rights of one who reads.</summary>
    public NpgsqlDataSource ReaderSource { get; }

    public IJobLedger Ledger { get; }

    public IOutbox Outbox { get; }

    public IResultReader Reader { get; }

    public IDeadLetters DeadLetters { get; }

    public static async Task<LedgerDatabase> CreateAsync(PostgresServer server) => Open(await server.CreateMigratedDatabaseAsync());

    /// <summary>A database that is there and migrated.</summary>
    public static LedgerDatabase Open(string connectionString) => new(connectionString);
    public static SubmitJob Command(string key) => new()
    {
        TenantId = Tenant,
        OccurredAt = DateTimeOffset.UnixEpoch,
        IdempotencyKey = key,
        Kind = JobKind.Document,
        Source = new JobSource { Uri = "reports/a.pdf" },
        Tasks = [new JobTask { Kind = JobTaskKind.Ocr }, new JobTask { Kind = JobTaskKind.Grounding, Labels = ["cat"] }],
        Options = new JobOptions { Dpi = 144 },
    };

    /// <summary>A plan of one page a chunk and, when asked, a reduction of all of them as stage 1.</summary>
    public static JobPlan Plan(int pages, int pagesPerGroup = 1, bool reduce = false)
    {
        PlannedChunk[] chunks = [.. Enumerable.Range(0, pages).Select(no => new PlannedChunk(no, ChunkKind.Pages, 0, no + 1, no + 1))];
        List<PlannedGroup> groups = [.. chunks.Chunk(pagesPerGroup).Select((part, index) => new PlannedGroup(index + 1, 0, part))];
        if (reduce)
        {
            groups.Add(new PlannedGroup(groups.Count + 1, 1, [new PlannedChunk(pages, ChunkKind.Reduce, 1, 0, pages - 1)]));
        }

        return new JobPlan(Facts, groups);
    }

    public static ChunkResult PageResult(PlannedChunk chunk, string text = "text") => new()
    {
        Pages = [new PageResult(chunk.FirstUnit, 800, 600, 90, 576, 432, text, false, new string('b', 64))],
        SummaryParts = [new SummaryPart(0, chunk.FirstUnit - 1, "part " + text)],
        Usage = new ChunkUsage(1, 100, 20, 60, 10, 5_000),
    };

    public Task<long> WorkerAsync() => Ledger.RegisterWorkerAsync(new WorkerIdentity("host", 1, "1.0", 2, [Lanes.Bulk, Lanes.Interactive]), default);

    public async Task<Guid> SubmitAsync(string key) => (await Ledger.SubmitAsync(Command(key), default)).JobId;

    /// <summary>Claims exactly one group.</summary>
    public async Task<ClaimedGroup> ClaimOneAsync(long workerId) =>
        (await Ledger.ClaimAsync(workerId, 1, LeaseTime, default)).ShouldHaveSingleItem();

    /// <summary>Begins every open chunk of the group that is due.</summary>
    public async Task<IReadOnlyList<PlannedChunk>> StartAsync(ClaimedGroup group)
    {
        PlannedChunk[] due = [.. (await Ledger.ReadOpenChunksAsync(group, default)).Where(open => open.IsDue).Select(open => open.Chunk)];
        foreach (PlannedChunk chunk in due)
        {
            (await Ledger.StartChunkAsync(group, chunk, default)).ShouldBeTrue();
        }

        return due;
    }

    /// <summary>Submits a job and plans it; its groups of stage 0 are ready.</summary>
    public async Task<Guid> SubmitPlannedAsync(string key, JobPlan plan, long workerId)
    {
        Guid jobId = await SubmitAsync(key);
        ClaimedGroup planning = await ClaimOneAsync(workerId);
        planning.JobId.ShouldBe(jobId);
        (await Ledger.CommitPlanAsync(planning, plan, default)).ShouldBeTrue();
        return jobId;
    }

    /// <summary>Lets every lease run out as when its holder died, and takes what the sweep makes ready out of its pause.</summary>
    public async Task<SweepReport> ExpireAsync()
    {
        await ExecuteAsync("UPDATE vq.workers SET beat_at = now() - interval '1 hour'");
        await ExecuteAsync("UPDATE vq.work SET lease_until = now() - interval '1 second' WHERE lease_until IS NOT NULL");
        SweepReport report = await Ledger.SweepAsync(default);
        await ExecuteAsync("UPDATE vq.work SET run_at = now()");
        return report;
    }

    /// <summary>Types of the events of a job that are final, in the outbox now.</summary>
    public async Task<IReadOnlyList<string>> FinalEventsAsync(Guid jobId) => await QueryAsync<string>(
        "SELECT message_type FROM vq.outbox WHERE job_id = @jobId AND message_type NOT IN ('JobAccepted', 'JobProgress', 'ChunkDeadLettered')", new { jobId });

    public async Task<JobRecord> JobAsync(Guid jobId) => (await Reader.ReadJobAsync(Tenant, jobId, default)).ShouldNotBeNull();

    public async Task<long> CountAsync(string from) => (await QueryAsync<long>("SELECT count(*) FROM " + from)).Single();

    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters = null)
    {
        await using NpgsqlConnection connection = await Source.OpenConnectionAsync();
        return [.. await connection.QueryAsync<T>(sql, parameters)];
    }

    public async Task ExecuteAsync(string sql, object? parameters = null)
    {
        await using NpgsqlConnection connection = await Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql, parameters);
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await WorkerSource.DisposeAsync();
        await ReaderSource.DisposeAsync();
    }

    private static NpgsqlDataSource Connect(string connectionString) =>
        LedgerDataSource.Create(new DatabaseOptions { ConnectionString = connectionString });
}
