using Npgsql;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Faults.Models;

/// <summary>A worker without an engine: the product's ledger, called in the order in which the product's pipeline calls it.</summary>
internal sealed class LedgerHand : IAsyncDisposable
{
    private static readonly SourceFacts Facts = new(new string('a', 64), 1_000, "application/pdf", 1, 0);

    private readonly NpgsqlDataSource _source;

    private LedgerHand(NpgsqlDataSource source, IJobLedger ledger, long workerId)
    {
        _source = source;
        Ledger = ledger;
        WorkerId = workerId;
    }

    /// <summary>The product's ledger.</summary>
    public IJobLedger Ledger { get; }

    /// <summary>Its registration.</summary>
    public long WorkerId { get; }

    /// <summary>Registers one, with a pool of its own.</summary>
    public static async Task<LedgerHand> StartAsync(string database, CancellationToken cancellationToken)
    {
        NpgsqlDataSource source = LedgerDataSource.Create(new DatabaseOptions { ConnectionString = database });
        var ledger = new PostgresJobLedger(source);
        long id = await ledger.RegisterWorkerAsync(new WorkerIdentity("faults", 0, "0", 2, [Lanes.Bulk, Lanes.Interactive, Lanes.Quarantine]), cancellationToken);
        return new LedgerHand(source, ledger, id);
    }

    /// <summary>A command whose source nobody reads.</summary>
    public static SubmitJob Command(string key, string file = "a.pdf", long tenant = 1) => new()
    {
        TenantId = tenant,
        OccurredAt = DateTimeOffset.UnixEpoch,
        IdempotencyKey = key,
        Kind = JobKind.Document,
        Source = new JobSource { Uri = file },
        Tasks = [new JobTask { Kind = JobTaskKind.Ocr }],
    };

    /// <summary>A plan of one page a chunk and, when asked, a reduction of all as stage 1.</summary>
    public static JobPlan Plan(int pages, int chunksPerGroup, bool reduces = false)
    {
        PlannedChunk[] chunks = [.. Enumerable.Range(0, pages).Select(no => new PlannedChunk(no, ChunkKind.Pages, 0, no + 1, no + 1))];
        List<PlannedGroup> groups = [.. chunks.Chunk(chunksPerGroup).Select((part, index) => new PlannedGroup(index + 1, 0, part))];
        if (reduces)
        {
            groups.Add(new PlannedGroup(groups.Count + 1, 1, [new PlannedChunk(pages, ChunkKind.Reduce, 1, 0, pages - 1)]));
        }

        return new JobPlan(Facts, groups);
    }

    /// <summary>The result of a chunk: a page row of two kilobytes with its usage, or for a reduction usage alone.</summary>
    public static ChunkResult Result(PlannedChunk chunk) => new()
    {
        Pages = chunk.Kind == ChunkKind.Pages ? [new PageResult(chunk.FirstUnit, 800, 600, 0, 576, 432, PageText, false, new string('b', 64))] : [],
        Usage = new ChunkUsage(1, 100, 20, 60, 10, 5_000),
    };

    private static string PageText { get; } = string.Concat(Enumerable.Range(0, 200).Select(word => $"word{word % 97:00} x "));

    /// <summary>Submits and plans so many jobs; their groups are ready. Nothing else may be ready in the database.</summary>
    public async Task PlanJobsAsync(string prefix, int jobs, int pages, int chunksPerGroup, TimeSpan lease, CancellationToken cancellationToken)
    {
        for (int job = 0; job < jobs; job++)
        {
            _ = await Ledger.SubmitAsync(Command($"{prefix}-{job}"), cancellationToken);
        }

        foreach (ClaimedGroup planning in await ClaimAsync(jobs, lease, cancellationToken))
        {
            _ = await Ledger.CommitPlanAsync(planning, Plan(pages, chunksPerGroup), cancellationToken);
        }
    }

    /// <summary>Leases groups of every lane.</summary>
    public Task<IReadOnlyList<ClaimedGroup>> ClaimAsync(int count, TimeSpan lease, CancellationToken cancellationToken) =>
        Ledger.ClaimAsync(WorkerId, new ClaimLimits(count, count, [Lanes.Bulk, Lanes.Interactive, Lanes.Quarantine]), lease, cancellationToken);

    /// <summary>Leases groups of the lanes of an ordinary worker.</summary>
    public Task<IReadOnlyList<ClaimedGroup>> ClaimOrdinaryAsync(int count, TimeSpan lease, CancellationToken cancellationToken) =>
        Ledger.ClaimAsync(WorkerId, ClaimLimits.Of(count), lease, cancellationToken);

    /// <summary>Does a group as the pipeline does, its engine taking no time; returns how many chunks it ended.</summary>
    public async Task<int> DoAsync(ClaimedGroup group, CancellationToken cancellationToken)
    {
        int ended = 0;
        foreach (OpenChunk open in await Ledger.ReadOpenChunksAsync(group, cancellationToken))
        {
            if (await Ledger.StartChunkAsync(group, open.Chunk, cancellationToken))
            {
                ChunkEnd end = await Ledger.CompleteChunkAsync(group, open.Chunk, Result(open.Chunk), cancellationToken);
                ended += end == ChunkEnd.Superseded ? 0 : 1;
            }
        }

        await Ledger.FinishGroupAsync(group, cancellationToken);
        return ended;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
