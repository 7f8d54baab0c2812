using System.Globalization;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;

namespace Qwen3VL.Batch.Storage;

/// <content>Starting and ending chunks.</content>
internal sealed partial class PostgresJobLedger
{
    // Who records dead letters, for their audit: no person did.
    private const string Actor = "worker";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OpenChunk>> ReadOpenChunksAsync(ClaimedGroup group, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyList<ChunkRow> rows = await session.QueryAsync<ChunkRow>(ChunkSql.Open, group).ConfigureAwait(false);
        return [.. rows.Select(row => row.ToOpenChunk())];
    }

    /// <inheritdoc/>
    public async Task<bool> StartChunkAsync(ClaimedGroup group, PlannedChunk chunk, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        var start = new { group.JobId, group.GroupNo, group.Fence, group.WorkerId, chunk.ChunkNo };
        bool begun = await session.ExecuteAsync(ChunkSql.Start, start).ConfigureAwait(false) > 0;
        await session.CommitAsync().ConfigureAwait(false);
        return begun;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SummaryPart>> ReadSummaryPartsAsync(
        Guid jobId, int level, int firstPart, int lastPart, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        var range = new { JobId = jobId, Level = level, FirstPart = firstPart, LastPart = lastPart };
        return await session.QueryAsync<SummaryPart>(ChunkSql.SummaryParts, range).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SegmentResult>> ReadWindowEventsAsync(Guid jobId, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyList<SegmentRow> rows = await session.QueryAsync<SegmentRow>(ChunkSql.WindowEvents, new { JobId = jobId }).ConfigureAwait(false);
        return [.. rows.Select(row => row.ToResult())];
    }

    /// <inheritdoc/>
    public Task<ChunkEnd> CompleteChunkAsync(ClaimedGroup group, PlannedChunk chunk, ChunkResult result, CancellationToken cancellationToken) =>
        EndChunkAsync(group, chunk, error: null, result, cancellationToken);

    /// <inheritdoc/>
    public Task<ChunkEnd> FailChunkAsync(
        ClaimedGroup group, PlannedChunk chunk, JobError error, ChunkResult evidence, CancellationToken cancellationToken) =>
        EndChunkAsync(group, chunk, Clean(error), new ChunkResult { Issues = evidence.Issues, Usage = evidence.Usage }, cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> RetryChunkAsync(
        ClaimedGroup group, PlannedChunk chunk, JobError error, ChunkResult evidence, ChunkRetry retry, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        JobError clean = Clean(error);
        var again = new
        {
            group.JobId,
            group.GroupNo,
            group.Fence,
            group.WorkerId,
            chunk.ChunkNo,
            Failures = retry.CountsFailure ? 1 : 0,
            Steps = retry.Degrades ? 1 : 0,
            DelaySeconds = retry.Delay.TotalSeconds,
            clean.Code,
            clean.Message,
        };
        bool recorded = await session.FindValueAsync<short>(ChunkSql.Retry, again).ConfigureAwait(false) is not null;
        await InsertExecutionAsync(session, group, chunk, recorded ? "retry" : "superseded", clean, evidence.Usage).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);
        return recorded;
    }

    private async Task<ChunkEnd> EndChunkAsync(
        ClaimedGroup group, PlannedChunk chunk, JobError? error, ChunkResult result, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        string outcome = error is null ? "succeeded" : "failed";
        var end = new
        {
            group.JobId,
            group.GroupNo,
            group.Fence,
            group.WorkerId,
            chunk.ChunkNo,
            Outcome = outcome,
            Failures = (short)(error is null ? 0 : 1),
            error?.Code,
            error?.Message,
        };
        bool recorded = await session.FindValueAsync<short>(ChunkSql.End, end).ConfigureAwait(false) is not null;
        await InsertExecutionAsync(session, group, chunk, recorded ? outcome : "superseded", error, result.Usage).ConfigureAwait(false);
        bool jobEnded = false;
        if (recorded)
        {
            await ResultWriter.WriteAsync(session, group.JobId, chunk.ChunkNo, result).ConfigureAwait(false);
            if (error is not null)
            {
                await AddDeadLetterAsync(session, group.JobId, chunk.ChunkNo).ConfigureAwait(false);
            }

            await EndStageAsync(session, group.JobId, (short)chunk.Stage).ConfigureAwait(false);
            jobEnded = await CountAsync(session, group.JobId, succeeded: error is null).ConfigureAwait(false);
        }

        crashPoints?.Reach(CrashPoint.BeforeCommit);
        await session.CommitAsync().ConfigureAwait(false);
        return !recorded ? ChunkEnd.Superseded : jobEnded ? ChunkEnd.JobFinished : ChunkEnd.Recorded;
    }

    private static async Task InsertExecutionAsync(
        LedgerSession session, ClaimedGroup group, PlannedChunk chunk, string outcome, JobError? error, ChunkUsage usage)
    {
        var attempt = new { group.JobId, chunk.ChunkNo, group.Fence, group.WorkerId, Outcome = outcome, error?.Code, error?.Message };
        await session.ExecuteAsync(ChunkSql.InsertAttempt, attempt).ConfigureAwait(false);
        if (usage.Requests == 0 && outcome != "succeeded")
        {
            return;
        }

        var row = new
        {
            group.JobId,
            chunk.ChunkNo,
            group.Fence,
            usage.EngineMicroseconds,
            usage.PromptTokens,
            usage.CachedTokens,
            usage.ImageTokens,
            usage.OutputTokens,
            usage.Requests,
            Billable = outcome == "succeeded",
        };
        await session.ExecuteAsync(ChunkSql.InsertUsage, row).ConfigureAwait(false);
    }

    // A chunk past its deadline is nobody's to look at, and does not come here; nor is one of a job that somebody has cancelled.
    private static async Task AddDeadLetterAsync(LedgerSession session, Guid jobId, int chunkNo)
    {
        GivenUpRow row = await session.FindAsync<GivenUpRow>(ChunkSql.GivenUp, new { JobId = jobId, ChunkNo = chunkNo }).ConfigureAwait(false)
            ?? throw new InvalidOperationException("a chunk that is recorded as given up must have failed and have a job; it has not");
        if (row.IsCancelled)
        {
            return;
        }

        var letter = new NewDeadLetter
        {
            Source = "chunk",
            DedupKey = string.Create(CultureInfo.InvariantCulture, $"chunk:{jobId}:{chunkNo}"),
            TenantId = row.TenantId,
            JobId = jobId,
            ChunkNo = chunkNo,
            ErrorCode = row.ErrorCode,
            ErrorText = row.ErrorText,
            Attempts = row.Attempts,
            Replays = row.Replays,
            Actor = Actor,
        };
        _ = await session.FindValueAsync<Guid>(DeadLetterRecordSql.Record, letter).ConfigureAwait(false);
        var deadLettered = new ChunkDeadLettered
        {
            TenantId = row.TenantId,
            OccurredAt = new DateTimeOffset(row.At),
            JobId = jobId,
            ChunkNo = chunkNo,
            Code = row.ErrorCode,
            Attempts = row.Attempts,
        };
        await session.AddEventAsync(jobId, deadLettered).ConfigureAwait(false);
    }

    // Counters of the stage, then of the job: every transaction takes the two rows in this order.
    private static async Task EndStageAsync(LedgerSession session, Guid jobId, short stage)
    {
        var ended = new { JobId = jobId, Stage = stage };
        if (await session.FindValueAsync<bool>(ChunkSql.EndOfStage, ended).ConfigureAwait(false) is true)
        {
            await session.ExecuteAsync(ChunkSql.ReleaseNextStage, ended).ConfigureAwait(false);
        }
    }

    private static async Task<bool> CountAsync(LedgerSession session, Guid jobId, bool succeeded)
    {
        var step = new { JobId = jobId, Done = succeeded ? 1 : 0, Failed = succeeded ? 0 : 1 };
        JobCounts counts = Found(await session.FindAsync<JobCounts>(ChunkSql.Count, step).ConfigureAwait(false));
        if (counts.AllEnded)
        {
            return await EndJobAsync(session, jobId).ConfigureAwait(false);
        }

        if (counts.ProgressDue && counts.State == "running")
        {
            await session.AddEventAsync(jobId, counts.Progress()).ConfigureAwait(false);
        }

        return false;
    }

    private static async Task<bool> EndJobAsync(LedgerSession session, Guid jobId)
    {
        var final = new { JobId = jobId, PartialCode = ErrorCodes.ChunksFailed };
        JobCounts? ended = await session.FindAsync<JobCounts>(ChunkSql.EndJob, final).ConfigureAwait(false);
        if (ended is null)
        {
            return false;
        }

        await session.AddEventAsync(jobId, ended.FinalEvent()).ConfigureAwait(false);
        return true;
    }
}
