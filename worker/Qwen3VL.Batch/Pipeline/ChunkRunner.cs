using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Media.Processes;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>Runs one chunk and records how it ended. Holds no state: any number of chunks at once.</summary>
internal sealed class ChunkRunner(
    IJobLedger ledger,
    IChunkExecutor executor,
    LedgerRetry retry,
    WakeUp wakeUp,
    WorkerRuntime runtime,
    TimeProvider time,
    ILogger<ChunkRunner> logger)
{
    /// <summary>Executes the chunk and stores its results, or gives it up with a reason.</summary>
    /// <returns>Whether the chunk has ended; false when it is to be done again by another worker.</returns>
    /// <exception cref="OperationCanceledException">The token fired; the chunk is still open.</exception>
    /// <exception cref="EngineInvariantException">The engine stopped; the chunk is still open.</exception>
    public async Task<bool> RunAsync(ClaimedGroup group, JobRecord job, SourceFile source, PlannedChunk chunk, CancellationToken cancellationToken)
    {
        long startedAt = time.GetTimestamp();
        ChunkResult result = new();
        try
        {
            ChunkContext context = await GatherAsync(job, source, chunk, cancellationToken).ConfigureAwait(false);
            result = await executor.ExecuteAsync(context, cancellationToken).ConfigureAwait(false);
            ChunkEnd end = await retry.RunAsync(token => ledger.CompleteChunkAsync(group, chunk, result, token), cancellationToken).ConfigureAwait(false);
            Note(end, runtime.Metrics.ChunkCompleted);
            logger.ChunkEnded(group.JobId, chunk.ChunkNo, end, time.GetElapsedTime(startedAt).TotalMilliseconds);
        }
        catch (ContentException exception) when (runtime.Drain.MayHaveCaused(exception))
        {
            return false;
        }
        catch (ContentException exception)
        {
            await FailAsync(group, chunk, new JobError(exception.Code, exception.Message), exception.Evidence, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidRequestException exception)
        {
            await FailAsync(group, chunk, new JobError(ErrorCodes.RequestRefused, exception.Message), new ChunkResult(), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsDefect(group, exception, cancellationToken))
        {
            // Recorded, not retried: the next worker would meet the same defect, and one bad chunk must not stop its neighbours.
            logger.Defect(group.JobId, group.GroupNo, exception.GetType().Name, Defects.Site(exception));
            await FailWithEvidenceAsync(group, chunk, result, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Gives a chunk up.</summary>
    public async Task FailAsync(ClaimedGroup group, PlannedChunk chunk, JobError error, ChunkResult evidence, CancellationToken cancellationToken)
    {
        ChunkEnd end = await retry.RunAsync(token => ledger.FailChunkAsync(group, chunk, error, evidence, token), cancellationToken).ConfigureAwait(false);
        Note(end, () => runtime.Metrics.ChunkFailed(error.Code));
        logger.ChunkFailed(group.JobId, chunk.ChunkNo, error.Code, error.Message);
    }

    // A decoder that is ended from outside at every try, for example by the kernel for its memory, is a defect in the end.
    private static bool IsDefect(ClaimedGroup group, Exception exception, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && exception is not EngineInvariantException
        && (!TransientErrors.IsTransient(exception) || (exception is DecoderInterruptedException && group.Fence >= Defects.MaxClaims));

    // What was computed is kept: the answers and their cost. If it is what cannot be stored, then the cost alone.
    private async Task FailWithEvidenceAsync(ClaimedGroup group, PlannedChunk chunk, ChunkResult evidence, CancellationToken cancellationToken)
    {
        try
        {
            await FailAsync(group, chunk, Defects.Error, evidence, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (evidence.Issues.Count > 0 && IsDefect(group, exception, cancellationToken))
        {
            await FailAsync(group, chunk, Defects.Error, new ChunkResult { Usage = evidence.Usage }, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<ChunkContext> GatherAsync(JobRecord job, SourceFile source, PlannedChunk chunk, CancellationToken cancellationToken)
    {
        IReadOnlyList<SummaryPart> summaries = chunk.Kind == ChunkKind.Reduce
            ? await retry.RunAsync(token => ledger.ReadSummaryPartsAsync(job.Id, chunk.Stage - 1, chunk.FirstUnit, chunk.LastUnit, token), cancellationToken).ConfigureAwait(false)
            : [];
        IReadOnlyList<SegmentResult> events = chunk.Kind == ChunkKind.Merge
            ? await retry.RunAsync(token => ledger.ReadWindowEventsAsync(job.Id, token), cancellationToken).ConfigureAwait(false)
            : [];
        return new ChunkContext(job, chunk, source, summaries, events);
    }

    private void Note(ChunkEnd end, Action count)
    {
        if (end == ChunkEnd.Superseded)
        {
            runtime.Metrics.ChunkSuperseded();
            return;
        }

        count();
        wakeUp.EventsCommitted();
    }
}
