using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>Records failed executions of chunks as <see cref="RetryPolicy"/> decides: the chunk is due again after a pause, or it is given up.</summary>
internal sealed class ChunkFailures(IJobLedger ledger, LedgerRetry retry, WakeUp wakeUp, BatchMetrics metrics, ILogger<ChunkFailures> logger)
{
    private static readonly TimeSpan BaseDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DelayCap = TimeSpan.FromSeconds(60);

    private readonly FullJitterBackoff _backoff = new(BaseDelay, DelayCap, Environment.ProcessId);

    /// <summary>Records the failure and what follows.</summary>
    /// <param name="group">Group that is held.</param>
    /// <param name="job">Its job; null when not even that could be read.</param>
    /// <param name="open">The chunk.</param>
    /// <param name="failure">What happened; not transient.</param>
    /// <param name="cancellationToken">Cancels; the chunk stays as it is.</param>
    /// <returns>Whether the chunk has ended.</returns>
    public async Task<bool> AnswerAsync(ClaimedGroup group, JobRecord? job, OpenChunk open, ChunkFailure failure, CancellationToken cancellationToken)
    {
        RetryDecision decision = RetryPolicy.Decide(failure.Class, failure.Error.Code, open.History, Limits(job, open.Chunk));
        switch (decision.Action)
        {
            case RetryAction.Retry:
                await RetryAsync(group, open, failure, decision, cancellationToken).ConfigureAwait(false);
                return false;
            case RetryAction.GiveUp:
                return await GiveUpWithEvidenceAsync(group, open.Chunk, failure, cancellationToken).ConfigureAwait(false);
            default:
                throw new ArgumentException($"a failure that is recorded must not be transient; got {failure.Class}", nameof(failure));
        }
    }

    private static RetryLimits Limits(JobRecord? job, PlannedChunk chunk) =>
        new(chunk.ReadsSource ? MediaReduction.MaxSteps : 0, CanResample: job?.Options.Temperature is not 0);

    private async Task RetryAsync(ClaimedGroup group, OpenChunk open, ChunkFailure failure, RetryDecision decision, CancellationToken cancellationToken)
    {
        TimeSpan delay = _backoff.Next(open.History.Failures + open.History.Degradation);
        var again = new ChunkRetry(delay, decision.CountsFailure, decision.Degrades);
        bool recorded = await retry.RunAsync(
            token => ledger.RetryChunkAsync(group, open.Chunk, failure.Error, failure.Evidence, again, token), cancellationToken).ConfigureAwait(false);
        if (!recorded)
        {
            metrics.ChunkSuperseded();
            return;
        }

        metrics.ChunkRetried(failure.Error.Code);
        logger.ChunkRetried(
            group.JobId, open.Chunk.ChunkNo, failure.Error, delay.TotalMilliseconds, open.History.Failures, open.History.Degradation);
    }

    // If the answers are what cannot be stored, then their cost alone. False when this claim has answered for the chunk before, or is lost.
    private async Task<bool> GiveUpWithEvidenceAsync(ClaimedGroup group, PlannedChunk chunk, ChunkFailure failure, CancellationToken cancellationToken)
    {
        try
        {
            return await GiveUpAsync(group, chunk, failure, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (
            failure.Evidence.Issues.Count > 0 && !cancellationToken.IsCancellationRequested && !TransientErrors.IsTransient(exception))
        {
            return await GiveUpAsync(group, chunk, failure with { Evidence = new ChunkResult { Usage = failure.Evidence.Usage } }, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> GiveUpAsync(ClaimedGroup group, PlannedChunk chunk, ChunkFailure failure, CancellationToken cancellationToken)
    {
        ChunkEnd end = await retry.RunAsync(
            token => ledger.FailChunkAsync(group, chunk, failure.Error, failure.Evidence, token), cancellationToken).ConfigureAwait(false);
        logger.ChunkFailed(group.JobId, chunk.ChunkNo, failure.Error.Code, failure.Error.Message);
        if (end == ChunkEnd.Superseded)
        {
            metrics.ChunkSuperseded();
            return false;
        }

        metrics.ChunkFailed(failure.Error.Code);
        wakeUp.EventsCommitted();
        return true;
    }
}
