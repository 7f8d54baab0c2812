using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Media.Processes;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>Does a job's planning group: makes the plan and commits it, or fails the job.</summary>
internal sealed class PlanningRunner(
    IJobLedger ledger,
    IJobPlanner planner,
    PlanningOptions options,
    LedgerRetry retry,
    DrainSignal drain,
    WakeUp wakeUp,
    ILogger<PlanningRunner> logger)
{
    /// <summary>Plans the job, or fails it with a reason.</summary>
    /// <returns>Whether planning has ended; false when another worker is to do it again.</returns>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async Task<bool> RunAsync(HeldLease lease, JobRecord job, CancellationToken cancellationToken)
    {
        ClaimedGroup group = lease.Group;
        JobPlan plan;
        try
        {
            plan = job.ReplayOf is Guid replayed
                ? await PlanReplayAsync(job, replayed, cancellationToken).ConfigureAwait(false)
                : await planner.PlanAsync(job, cancellationToken).ConfigureAwait(false);
            // The source was there: the next time that it is away is the first one, also when this plan cannot be stored.
            lease.Count(group with { Outages = 0 });
        }
        catch (Exception exception) when (drain.MayHaveCaused(exception))
        {
            return false;
        }
        catch (SourceUnavailableException exception) when (SourceOutage.IsOver(group, exception))
        {
            await FailAsync(group, new JobError(ErrorCodes.SourceUnavailable, exception.Message), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ContentException exception)
        {
            await FailAsync(group, new JobError(exception.Code, exception.Message), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && (!TransientErrors.IsTransient(exception) || (exception is DecoderInterruptedException && Defects.IsLast(group))))
        {
            // The job is at fault or the planner is: either way the next worker would end the same way.
            logger.Defect(group.JobId, group.GroupNo, exception.GetType().Name, Defects.Site(exception));
            await FailAsync(group, Defects.Error, cancellationToken).ConfigureAwait(false);
            return true;
        }

        bool committed = await retry.RunAsync(token => ledger.CommitPlanAsync(group, plan, token), cancellationToken).ConfigureAwait(false);
        if (committed)
        {
            logger.JobPlanned(group.JobId, plan.Groups.Sum(planned => planned.Chunks.Count), plan.Groups.Count);
        }

        wakeUp.WorkCreated();
        return true;
    }

    // What works on results alone needs no file, which may be gone by then: what is known of it stands with the replayed job.
    private async Task<JobPlan> PlanReplayAsync(JobRecord job, Guid replayed, CancellationToken cancellationToken)
    {
        IReadOnlyList<PlannedChunk> chunks = await ledger.ReadPlannedChunksAsync(replayed, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<PlannedGroup> groups = ReplayPlan.Groups(job, chunks, Math.Max(1, options.ChunksPerGroup));
        if (!groups.Any(group => group.Chunks.Any(chunk => chunk.ReadsSource))
            && await ledger.ReadJobAsync(replayed, cancellationToken).ConfigureAwait(false) is { Facts: { } facts })
        {
            return new JobPlan(facts, groups);
        }

        JobPlan plan = await planner.PlanAsync(job, cancellationToken).ConfigureAwait(false);
        return plan with { Groups = groups };
    }

    /// <summary>Fails the job.</summary>
    public async Task FailAsync(ClaimedGroup group, JobError error, CancellationToken cancellationToken)
    {
        _ = await retry.RunAsync(token => ledger.FailJobAsync(group, error, token), cancellationToken).ConfigureAwait(false);
        logger.JobFailed(group.JobId, error.Code, error.Message);
        wakeUp.EventsCommitted();
    }
}
