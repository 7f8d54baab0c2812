using System.Text.Json;
using Qwen3VL.Batch.Contracts;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;

namespace Qwen3VL.Batch.Storage;

/// <content>Planning.</content>
internal sealed partial class PostgresJobLedger
{
    /// <inheritdoc/>
    public async Task<JobRecord?> ReadJobAsync(Guid jobId, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        JobRow? row = await session.FindAsync<JobRow>(ReaderSql.JobById, new { JobId = jobId }).ConfigureAwait(false);
        return row?.ToRecord();
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PlannedChunk>> ReadPlannedChunksAsync(Guid jobId, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyList<ChunkRow> rows = await session.QueryAsync<ChunkRow>(ChunkSql.Planned, new { JobId = jobId }).ConfigureAwait(false);
        return [.. rows.Select(row => row.ToChunk())];
    }

    /// <inheritdoc/>
    public async Task<bool> CommitPlanAsync(ClaimedGroup planning, JobPlan plan, CancellationToken cancellationToken)
    {
        CheckPlan(plan);
        await using (LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false))
        {
            if (await session.FindAsync<PlanningRow>(PlanSql.LockPlanning, planning).ConfigureAwait(false) is not { } place)
            {
                return false;
            }

            if (await session.FindValueAsync<bool>(PlanSql.LockJob, planning).ConfigureAwait(false) is not null)
            {
                await InsertPlanAsync(session, planning.JobId, plan, place).ConfigureAwait(false);
                await session.ExecuteAsync(PlanSql.DeletePlanning, planning).ConfigureAwait(false);
                var run = new
                {
                    planning.JobId,
                    Total = plan.Groups.Sum(group => group.Chunks.Count),
                    Facts = JsonSerializer.Serialize(plan.Facts, ContractJson.Options),
                };
                JobCounts? counts = await session.FindAsync<JobCounts>(PlanSql.Run, run).ConfigureAwait(false);
                await session.AddEventAsync(planning.JobId, Found(counts).Progress()).ConfigureAwait(false);
                crashPoints?.Reach(CrashPoint.BeforePlanCommit);
                await session.CommitAsync().ConfigureAwait(false);
                return true;
            }
        }

        // Cancelled or overdue while it was planned: nothing of the plan is kept.
        await FinishGroupAsync(planning, cancellationToken).ConfigureAwait(false);
        return false;
    }

    /// <inheritdoc/>
    public async Task<bool> FailJobAsync(ClaimedGroup planning, JobError error, CancellationToken cancellationToken)
    {
        await using (LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false))
        {
            IReadOnlyList<Guid> replayed = await LockReplayedAsync(session, planning.JobId).ConfigureAwait(false);
            if (await session.ExecuteAsync(PlanSql.DeletePlanning, planning).ConfigureAwait(false) == 0)
            {
                return false;
            }

            bool failed = await FailPlanningAsync(session, planning.JobId, error, replayed).ConfigureAwait(false);
            await session.CommitAsync().ConfigureAwait(false);
            if (failed)
            {
                return true;
            }
        }

        _ = await EndCancelledAsync(planning.JobId, cancellationToken).ConfigureAwait(false);
        return false;
    }

    // Locked before chunks and work, changed after them: only then is it known how the job ends.
    private static Task<IReadOnlyList<Guid>> LockReplayedAsync(LedgerSession session, Guid jobId) =>
        session.QueryAsync<Guid>(DeadLetterReplaySql.LockReplayed, new { JobId = jobId });

    // A dead letter is closed by what answers for it. A follow-up job that ends without having done so may be made again.
    private static Task ReopenAsync(LedgerSession session, Guid jobId, IReadOnlyList<Guid> replayed, string reason)
    {
        if (replayed.Count == 0)
        {
            return Task.CompletedTask;
        }

        string detail = JsonSerializer.Serialize(new { code = reason, followUpJobId = jobId });
        var reopen = new { JobId = jobId, Ids = replayed.ToArray(), Pages = StoredWord.Of(ChunkKind.Pages), Actor, Detail = detail };
        return session.ExecuteAsync(DeadLetterReplaySql.Reopen, reopen);
    }

    // False when the job is being cancelled: it ends so.
    private static async Task<bool> FailPlanningAsync(LedgerSession session, Guid jobId, JobError error, IReadOnlyList<Guid> replayed)
    {
        JobError clean = Clean(error);
        var failure = new { JobId = jobId, clean.Code, clean.Message };
        JobCounts? counts = await session.FindAsync<JobCounts>(PlanSql.Fail, failure).ConfigureAwait(false);
        if (counts is null)
        {
            return false;
        }

        await ReopenAsync(session, jobId, replayed, clean.Code).ConfigureAwait(false);
        await session.AddEventAsync(jobId, counts.FinalEvent()).ConfigureAwait(false);
        return true;
    }

    private static async Task InsertPlanAsync(LedgerSession session, Guid jobId, JobPlan plan, PlanningRow place)
    {
        (PlannedGroup Group, PlannedChunk Chunk)[] chunks = [.. plan.Groups.SelectMany(group => group.Chunks.Select(chunk => (group, chunk)))];
        var chunkRows = new
        {
            JobId = jobId,
            ChunkNos = chunks.Select(row => row.Chunk.ChunkNo).ToArray(),
            GroupNos = chunks.Select(row => row.Group.GroupNo).ToArray(),
            Kinds = chunks.Select(row => StoredWord.Of(row.Chunk.Kind)).ToArray(),
            Stages = chunks.Select(row => (short)row.Chunk.Stage).ToArray(),
            FirstUnits = chunks.Select(row => row.Chunk.FirstUnit).ToArray(),
            LastUnits = chunks.Select(row => row.Chunk.LastUnit).ToArray(),
        };
        await session.ExecuteAsync(PlanSql.InsertChunks, chunkRows).ConfigureAwait(false);
        await session.ExecuteAsync(PlanSql.InsertStages, new { JobId = jobId }).ConfigureAwait(false);
        int firstStage = plan.Groups[0].Stage;
        var groupRows = new
        {
            JobId = jobId,
            place.TenantId,
            place.Priority,
            // Not the planning group's own: that may be in quarantine, and its chunks have done nothing yet.
            Lane = Lanes.OfPriority(place.Priority),
            place.OrderKey,
            GroupNos = plan.Groups.Select(group => group.GroupNo).ToArray(),
            Delays = plan.Groups.Select((group, index) => TenantFairness.GroupDelay(index, group.Stage == firstStage)).ToArray(),
            FirstChunks = plan.Groups.Select(group => group.Chunks[0].ChunkNo).ToArray(),
            LastChunks = plan.Groups.Select(group => group.Chunks[^1].ChunkNo).ToArray(),
            Stages = plan.Groups.Select(group => (short)group.Stage).ToArray(),
            Waiting = plan.Groups.Select(group => group.Stage > firstStage).ToArray(),
        };
        await session.ExecuteAsync(PlanSql.InsertGroups, groupRows).ConfigureAwait(false);
    }

    // What the statements above rely on: the chunks of a group are a range, and later stages have higher group numbers (the lock order).
    private static void CheckPlan(JobPlan plan)
    {
        if (plan.Groups.Count == 0)
        {
            throw new ArgumentException("a plan must have at least one group; got none", nameof(plan));
        }

        for (int index = 0; index < plan.Groups.Count; index++)
        {
            PlannedGroup group = plan.Groups[index];
            bool isRange = group.Chunks.Count > 0 && group.Chunks[^1].ChunkNo - group.Chunks[0].ChunkNo == group.Chunks.Count - 1;
            if (!isRange || group.Chunks.Any(chunk => chunk.Stage != group.Stage))
            {
                throw new ArgumentException($"chunks of a group must be a range of one stage; got group {group.GroupNo}", nameof(plan));
            }

            if (index > 0 && (group.GroupNo <= plan.Groups[index - 1].GroupNo || group.Stage < plan.Groups[index - 1].Stage))
            {
                throw new ArgumentException($"groups must be in order of number and stage; got group {group.GroupNo} out of order", nameof(plan));
            }
        }
    }

    private static JobCounts Found(JobCounts? counts) =>
        counts ?? throw new InvalidOperationException("the job of a locked group must exist; got none");
}
