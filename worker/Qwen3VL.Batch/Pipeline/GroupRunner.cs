using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>
/// Works off one leased group. How it ends:
/// <code>
/// all chunks ended, or nothing to do     finish
/// lease lost or expired                  nothing is written: another worker may hold the group
/// job cancelled                          finish (the ledger drops the open chunks)
/// drain                                  chunks in flight end, then release at once
/// drain's grace over                     chunks in flight stop, then release at once
/// database, engine or decoder failed     release with a growing, jittered delay
/// defect outside of any chunk            the same; at the fifth claim the open chunks, or the job in planning, are given up
/// </code>
/// </summary>
internal sealed class GroupRunner(
    IJobLedger ledger,
    ISourceResolver sources,
    PlanningRunner planning,
    ChunkRunner chunkRunner,
    GroupSettler settler,
    DrainSignal drain,
    WorkerOptions options,
    ILogger<GroupRunner> logger)
{
    private static readonly TimeSpan RetryBase = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryCap = TimeSpan.FromSeconds(60);

    private readonly FullJitterBackoff _backoff = new(RetryBase, RetryCap, Environment.ProcessId);

    /// <summary>Works off the group and settles its lease. Throws nothing but <see cref="EngineInvariantException"/>, after giving the group back.</summary>
    public async Task RunAsync(HeldLease lease)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(lease.Token, drain.Ended);
        try
        {
            if (await WorkAsync(lease.Group, stop.Token).ConfigureAwait(false))
            {
                await settler.FinishAsync(lease).ConfigureAwait(false);
            }
            else
            {
                await settler.ReleaseAsync(lease, TimeSpan.Zero, "drain").ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (stop.IsCancellationRequested && exception is not EngineInvariantException)
        {
            // Whatever comes out of work that was told to stop is a consequence of the stop.
            await SettleStoppedAsync(lease).ConfigureAwait(false);
        }
        catch (EngineInvariantException)
        {
            // Not at once: a chunk that stops every engine must not end worker after worker at full speed.
            await settler.ReleaseAsync(lease, _backoff.Next(lease.Group.Fence), "engine stopped").ConfigureAwait(false);
            throw;
        }
        catch (Exception exception)
        {
            // Broad on purpose, the edge of a group: the database is away, or a defect outside of any chunk. The fence counts the claims of
            // the group, so the delay grows over all workers that tried.
            if (!TransientErrors.IsTransient(exception))
            {
                logger.Defect(lease.Group.JobId, lease.Group.GroupNo, exception.GetType().Name, Defects.Site(exception));
                if (lease.Group.Fence >= Defects.MaxClaims && await GiveUpAsync(lease, stop.Token).ConfigureAwait(false))
                {
                    return;
                }
            }

            await settler.ReleaseAsync(lease, _backoff.Next(lease.Group.Fence), exception.GetType().Name).ConfigureAwait(false);
        }
    }

    /// <summary>Fails what is left of the group. False when that fails too: the group is released then.</summary>
    private async Task<bool> GiveUpAsync(HeldLease lease, CancellationToken cancellationToken)
    {
        ClaimedGroup group = lease.Group;
        try
        {
            if (group.GroupNo == ClaimedGroup.PlanningGroupNo)
            {
                await planning.FailAsync(group, Defects.Error, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                foreach (PlannedChunk chunk in await ledger.StartChunksAsync(group, cancellationToken).ConfigureAwait(false))
                {
                    await chunkRunner.FailAsync(group, chunk, Defects.Error, new ChunkResult(), cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (Exception exception)
        {
            // Broad on purpose: it may be the same defect again.
            logger.SettleFailed(group.JobId, group.GroupNo, exception.GetType().Name);
            return false;
        }

        await settler.FinishAsync(lease).ConfigureAwait(false);
        return true;
    }

    private async Task SettleStoppedAsync(HeldLease lease)
    {
        switch (lease.End)
        {
            case LeaseEnd.Held:
                await settler.ReleaseAsync(lease, TimeSpan.Zero, "grace over").ConfigureAwait(false);
                break;
            case LeaseEnd.Cancelled:
                await settler.FinishAsync(lease).ConfigureAwait(false);
                break;
            default:
                // Lost or expired: the fence would refuse the write, and there is nothing to say.
                break;
        }
    }

    /// <summary>True when the group is done, false when chunks are left because of a drain.</summary>
    private async Task<bool> WorkAsync(ClaimedGroup group, CancellationToken cancellationToken)
    {
        if (drain.Draining.IsCancellationRequested)
        {
            return false;
        }

        JobRecord? job = await ledger.ReadJobAsync(group.JobId, cancellationToken).ConfigureAwait(false);
        if (job is null || job.State is not (JobState.Accepted or JobState.Splitting or JobState.Running))
        {
            return true;
        }

        if (group.GroupNo == ClaimedGroup.PlanningGroupNo)
        {
            return await planning.RunAsync(group, job, cancellationToken).ConfigureAwait(false);
        }

        IReadOnlyList<PlannedChunk> chunks = await ledger.StartChunksAsync(group, cancellationToken).ConfigureAwait(false);
        logger.GroupBegan(group.JobId, group.GroupNo, group.Fence, chunks.Count);
        return chunks.Count == 0 || await RunChunksAsync(group, job, chunks, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> RunChunksAsync(ClaimedGroup group, JobRecord job, IReadOnlyList<PlannedChunk> chunks, CancellationToken cancellationToken)
    {
        SourceFile source;
        try
        {
            // Once for the group, not for each chunk: hashing a film of gigabytes for every window would cost more than watching it.
            source = await SourceOutage.ResolveAsync(sources, job, group.Fence, cancellationToken).ConfigureAwait(false);
        }
        catch (ContentException exception)
        {
            foreach (PlannedChunk chunk in chunks)
            {
                await chunkRunner.FailAsync(group, chunk, new JobError(exception.Code, exception.Message), new ChunkResult(), cancellationToken).ConfigureAwait(false);
            }

            return true;
        }

        using SourceFile held = source;
        int left = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.ChunksAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(chunks, parallel, async (chunk, token) =>
        {
            if (drain.Draining.IsCancellationRequested || !await chunkRunner.RunAsync(group, job, source, chunk, token).ConfigureAwait(false))
            {
                _ = Interlocked.Increment(ref left);
            }
        }).ConfigureAwait(false);
        return left == 0;
    }
}
