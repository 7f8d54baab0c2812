using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Media.Processes;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>Runs one chunk and records how it ended. Holds no state: any number of chunks at once, but one suspect of a crash.</summary>
internal sealed class ChunkRunner(
    IJobLedger ledger,
    IChunkExecutor executor,
    ChunkFailures failures,
    LedgerRetry retry,
    WakeUp wakeUp,
    WorkerRuntime runtime,
    WorkerOptions options,
    TimeProvider time,
    ILogger<ChunkRunner> logger)
{
    private readonly TimeSpan _timeout = TimeSpan.FromSeconds(options.ChunkTimeoutSeconds);

    /// <summary>Says that the chunk begins, executes it and stores its results, or records why not.</summary>
    /// <returns>Whether the chunk has ended; false when it is to be done again, now or later.</returns>
    /// <exception cref="OperationCanceledException">The token fired; the chunk is still open.</exception>
    /// <exception cref="EngineInvariantException">The engine stopped; the chunk is still open.</exception>
    public Task<bool> RunAsync(ClaimedGroup group, JobRecord job, SourceFile? source, OpenChunk open, CancellationToken cancellationToken) =>
        open.History.IsSuspect
            ? runtime.Suspects.RunAsync(token => RunUnlessDrainingAsync(group, job, source, open, token), cancellationToken)
            : RunUnlessDrainingAsync(group, job, source, open, cancellationToken);

    private async Task<bool> RunUnlessDrainingAsync(
        ClaimedGroup group, JobRecord job, SourceFile? source, OpenChunk open, CancellationToken cancellationToken)
    {
        if (runtime.Drain.Draining.IsCancellationRequested)
        {
            return false;
        }

        PlannedChunk chunk = open.Chunk;
        if (!await retry.RunAsync(token => ledger.StartChunkAsync(group, chunk, token), cancellationToken).ConfigureAwait(false))
        {
            // It has ended, or it is another's: nothing to do here either way.
            return true;
        }

        long startedAt = time.GetTimestamp();
        var meter = new UsageMeter();
        ChunkResult? result = null;
        try
        {
            ChunkContext context = await GatherAsync(job, source, open, meter, cancellationToken).ConfigureAwait(false);
            result = await ExecuteAsync(context, cancellationToken).ConfigureAwait(false);
            ChunkEnd end = await retry.RunAsync(token => ledger.CompleteChunkAsync(group, chunk, result, token), cancellationToken).ConfigureAwait(false);
            Note(end);
            logger.ChunkEnded(group.JobId, chunk.ChunkNo, end, time.GetElapsedTime(startedAt).TotalMilliseconds);
            return true;
        }
        catch (Exception exception) when (runtime.Drain.MayHaveCaused(exception))
        {
            return false;
        }
        catch (Exception exception) when (IsAnswered(exception) && !cancellationToken.IsCancellationRequested)
        {
            // One bad chunk must not stop its neighbours, and whatever it threw, the decision is the policy's.
            ChunkFailure failure = FailureClassifier.Classify(exception, meter.Usage);
            if (failure.Class == FailureClass.Defect)
            {
                logger.Defect(group.JobId, group.GroupNo, exception.GetType().Name, Defects.Site(exception));

                // What was computed is kept: the answers beside their cost.
                failure = failure with { Evidence = result ?? failure.Evidence };
            }

            return await failures.AnswerAsync(group, job, open, failure, cancellationToken).ConfigureAwait(false);
        }
    }

    // Infrastructure is the group's affair, a stopped engine the process's.
    private static bool IsAnswered(Exception exception) =>
        exception is not EngineInvariantException && (exception is DecoderInterruptedException || !TransientErrors.IsTransient(exception));

    private async Task<ChunkResult> ExecuteAsync(ChunkContext context, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await executor.ExecuteAsync(context, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ContentException(
                ErrorCodes.ChunkTimeout,
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"a chunk must end within {options.ChunkTimeoutSeconds} s; it was stopped"));
        }
    }

    private async Task<ChunkContext> GatherAsync(JobRecord job, SourceFile? source, OpenChunk open, UsageMeter meter, CancellationToken cancellationToken)
    {
        PlannedChunk chunk = open.Chunk;
        IReadOnlyList<SummaryPart> summaries = chunk.Kind == ChunkKind.Reduce
            ? await retry.RunAsync(token => ledger.ReadSummaryPartsAsync(job.Id, chunk.Stage - 1, chunk.FirstUnit, chunk.LastUnit, token), cancellationToken).ConfigureAwait(false)
            : [];
        IReadOnlyList<SegmentResult> events = chunk.Kind == ChunkKind.Merge
            ? await retry.RunAsync(token => ledger.ReadWindowEventsAsync(job.Id, token), cancellationToken).ConfigureAwait(false)
            : [];
        return new ChunkContext(job, chunk, source, summaries, events) { History = open.History, Meter = meter };
    }

    private void Note(ChunkEnd end)
    {
        if (end == ChunkEnd.Superseded)
        {
            runtime.Metrics.ChunkSuperseded();
            return;
        }

        runtime.Metrics.ChunkCompleted();
        wakeUp.EventsCommitted();
    }
}
