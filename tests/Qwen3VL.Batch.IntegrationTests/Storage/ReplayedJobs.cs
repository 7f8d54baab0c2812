using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Shouldly;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

/// <summary>Jobs that ended with chunks given up, their dead letters, and follow-up jobs that do those anew. Owner: one test.</summary>
internal sealed class ReplayedJobs(LedgerDatabase database, long worker)
{
    /// <summary>A replay of these letters, by a name of its own.</summary>
    public static DeadLetterReplay Replay(IReadOnlyList<Guid> ids) => new()
    {
        Query = new DeadLetterQuery { TenantId = LedgerDatabase.Tenant, Ids = ids },
        ReplayId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
        Actor = "ops",
        PerSecond = 1_000,
    };

    /// <summary>A job of four pages that ended with some of them given up.</summary>
    public async Task<Guid> PartialJobAsync(string key, int[] failed, bool reduce = false, bool events = false)
    {
        Guid jobId = await database.SubmitPlannedAsync(key, LedgerDatabase.Plan(4, pagesPerGroup: 4, reduce: reduce), worker);
        while ((await database.Ledger.ClaimAsync(worker, ClaimLimits.Of(1), LedgerDatabase.LeaseTime, default)).SingleOrDefault() is { } group)
        {
            foreach (PlannedChunk chunk in await database.StartAsync(group))
            {
                _ = failed.Contains(chunk.ChunkNo)
                    ? await database.Ledger.FailChunkAsync(group, chunk, LedgerDatabase.Broken, new ChunkResult(), default)
                    : await database.Ledger.CompleteChunkAsync(group, chunk, Result(chunk, "first", events), default);
            }

            await database.Ledger.FinishGroupAsync(group, default);
        }

        (await database.JobAsync(jobId)).State.ShouldBe(JobState.Partial);
        await database.ExecuteAsync("DELETE FROM vq.outbox");
        await database.ExecuteAsync("DELETE FROM vq.dead_letters");
        await database.ExecuteAsync("DELETE FROM vq.dead_letter_audit");
        return jobId;
    }

    /// <summary>Commits a plan of these chunks, each in a group of its own, for the follow-up job that waits for one.</summary>
    public async Task PlanAsync(params PlannedChunk[] chunks)
    {
        PlannedGroup[] groups = [.. chunks.Select((chunk, index) => new PlannedGroup(index + 1, 0, [chunk]))];
        (await database.Ledger.CommitPlanAsync(await database.ClaimOneAsync(worker), new JobPlan(LedgerDatabase.Facts, groups), default)).ShouldBeTrue();
    }

    /// <summary>Takes the next group, and completes all of it or gives its one chunk up.</summary>
    public async Task EndNextAsync(bool succeeds)
    {
        if (succeeds)
        {
            await CompleteNextAsync("anew");
            return;
        }

        ClaimedGroup group = await database.ClaimOneAsync(worker);
        PlannedChunk chunk = (await database.StartAsync(group)).ShouldHaveSingleItem();
        (await database.Ledger.FailChunkAsync(group, chunk, LedgerDatabase.Broken, new ChunkResult(), default)).ShouldNotBe(ChunkEnd.Superseded);
        await database.Ledger.FinishGroupAsync(group, default);
    }

    /// <summary>Takes the next group and completes all of it.</summary>
    public async Task CompleteNextAsync(string text, bool events = false)
    {
        ClaimedGroup group = await database.ClaimOneAsync(worker);
        foreach (PlannedChunk chunk in await database.StartAsync(group))
        {
            (await database.Ledger.CompleteChunkAsync(group, chunk, Result(chunk, text, events), default)).ShouldNotBe(ChunkEnd.Superseded);
        }

        await database.Ledger.FinishGroupAsync(group, default);
    }

    /// <summary>Replays one chunk; returns the follow-up job.</summary>
    public async Task<Guid> FollowUpAsync(Guid jobId, int chunkNo)
    {
        IReadOnlyList<ReplayedLetter> outcomes = await database.DeadLetters.ReplayAsync(Replay([await DieAsync(jobId, chunkNo)]), default);
        return outcomes.ShouldHaveSingleItem().FollowUpJobId.GetValueOrDefault();
    }

    /// <summary>Records a dead letter of a chunk.</summary>
    public Task<Guid> DieAsync(Guid jobId, int chunkNo) => database.DeadLetters.RecordAsync(
        new NewDeadLetter
        {
            Source = "chunk",
            DedupKey = $"chunk:{jobId}:{chunkNo}",
            TenantId = LedgerDatabase.Tenant,
            JobId = jobId,
            ChunkNo = chunkNo,
            ErrorCode = ErrorCodes.DecodeFailed,
            Actor = "test",
        },
        default);

    private static ChunkResult Result(PlannedChunk chunk, string text, bool events) => chunk.Kind == ChunkKind.Reduce
        ? new ChunkResult { JobSummary = text, Usage = new ChunkUsage(1, 1, 0, 0, 1, 1) }
        : LedgerDatabase.PageResult(chunk, text) with
        {
            Segments = events ? [new SegmentResult(SegmentKind.WindowEvent, 0, chunk.ChunkNo * 1_000, (chunk.ChunkNo * 1_000) + 500, $"{text} {chunk.ChunkNo}", false)] : [],
        };
}
