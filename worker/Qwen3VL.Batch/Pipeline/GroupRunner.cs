using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
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
/// chunks are to be tried again           release; ready when the first of them is due
/// database failed                        release with a growing, jittered delay
/// engine stopped                         the same, and the starts of the chunks in flight count as lost
/// defect outside of any chunk            every open chunk failed by it; a planning group is released until its fifth defect
/// </code>
/// Clean chunks run first, side by side; suspects of a crash after them, one by one.
/// </summary>
internal sealed class GroupRunner(
    IJobLedger ledger,
    ISourceResolver sources,
    PlanningRunner planning,
    ChunkRunner chunkRunner,
    ChunkFailures failures,
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
            if (await WorkAsync(lease, stop.Token).ConfigureAwait(false))
            {
                await settler.FinishAsync(lease).ConfigureAwait(false);
            }
            else
            {
                await settler.ReleaseAsync(lease, TimeSpan.Zero, WhyLeft()).ConfigureAwait(false);
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
            await settler.ReleaseLostAsync(lease, _backoff.Next(lease.Group.Fence), "engine stopped").ConfigureAwait(false);
            throw;
        }
        catch (Exception exception)
        {
            // Broad on purpose, the edge of a group: the database is away, or a defect outside of any chunk. The fence counts the claims of
            // the group, so the delay grows over all workers that tried.
            if (!TransientErrors.IsTransient(exception))
            {
                logger.Defect(lease.Group.JobId, lease.Group.GroupNo, exception.GetType().Name, Defects.Site(exception));
                if (await AnswerDefectAsync(lease, exception, stop.Token).ConfigureAwait(false))
                {
                    return;
                }
            }

            lease.Count(GroupCounts.After(lease.Group, exception));
            await settler.ReleaseAsync(lease, _backoff.Next(lease.Group.Fence), exception.GetType().Name).ConfigureAwait(false);
        }
    }

    private string WhyLeft() => drain.Draining.IsCancellationRequested ? "drain" : "chunks are to be tried again";

    /// <summary>Records a defect outside of any chunk against all open ones, and settles the group. False when that fails too, or is too early.</summary>
    private async Task<bool> AnswerDefectAsync(HeldLease lease, Exception defect, CancellationToken cancellationToken)
    {
        ClaimedGroup group = lease.Group;
        bool ended = true;
        try
        {
            if (group.GroupNo == ClaimedGroup.PlanningGroupNo)
            {
                if (!Defects.IsLast(group))
                {
                    return false;
                }

                await planning.FailAsync(group, Defects.Error, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                IReadOnlyList<OpenChunk> open = await ledger.ReadOpenChunksAsync(group, cancellationToken).ConfigureAwait(false);
                ended = await AnswerAllAsync(group, job: null, open, defect, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            // Broad on purpose: it may be the same defect again.
            logger.SettleFailed(group.JobId, group.GroupNo, exception.GetType().Name);
            return false;
        }

        await (ended ? settler.FinishAsync(lease) : settler.ReleaseAsync(lease, TimeSpan.Zero, WhyLeft())).ConfigureAwait(false);
        return true;
    }

    /// <summary>Records what went wrong before any chunk began, for each that is due. True when all of the group has ended by that.</summary>
    private async Task<bool> AnswerAllAsync(ClaimedGroup group, JobRecord? job, IReadOnlyList<OpenChunk> chunks, Exception exception, CancellationToken cancellationToken)
    {
        ChunkFailure failure = FailureClassifier.Classify(exception, ChunkUsage.None);
        bool ended = chunks.All(chunk => chunk.IsDue);
        foreach (OpenChunk chunk in chunks.Where(chunk => chunk.IsDue))
        {
            ended &= await failures.AnswerAsync(group, job, chunk, failure, cancellationToken).ConfigureAwait(false);
        }

        return ended;
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

    /// <summary>True when the group is done, false when chunks are left: a drain, or chunks that are to be tried again.</summary>
    private async Task<bool> WorkAsync(HeldLease lease, CancellationToken cancellationToken)
    {
        ClaimedGroup group = lease.Group;
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
            return await planning.RunAsync(lease, job, cancellationToken).ConfigureAwait(false);
        }

        IReadOnlyList<OpenChunk> chunks = await ledger.ReadOpenChunksAsync(group, cancellationToken).ConfigureAwait(false);
        logger.GroupBegan(group.JobId, group.GroupNo, group.Fence, chunks.Count);
        return chunks.Count == 0 || await RunChunksAsync(lease, job, chunks, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> RunChunksAsync(HeldLease lease, JobRecord job, IReadOnlyList<OpenChunk> chunks, CancellationToken cancellationToken)
    {
        ClaimedGroup group = lease.Group;
        SourceFile? source = null;
        try
        {
            // Once for the group, not for each chunk: hashing a film of gigabytes for every window would cost more than watching it. For what
            // works on results alone it is not asked for: the file may be gone by then, and is not needed.
            if (chunks.Any(chunk => chunk.IsDue && chunk.Chunk.ReadsSource))
            {
                source = await SourceOutage.ResolveAsync(sources, job, group, cancellationToken).ConfigureAwait(false);
                lease.Count(group with { Outages = 0 });
            }
        }
        catch (ContentException exception)
        {
            return await AnswerAllAsync(group, job, chunks, exception, cancellationToken).ConfigureAwait(false);
        }

        using SourceFile? held = source;
        int left = chunks.Count(chunk => !chunk.IsDue);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.ChunksAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(chunks.Where(chunk => chunk.IsDue && !chunk.History.IsSuspect), parallel, RunAsync).ConfigureAwait(false);
        foreach (OpenChunk suspect in chunks.Where(chunk => chunk.IsDue && chunk.History.IsSuspect))
        {
            await RunAsync(suspect, cancellationToken).ConfigureAwait(false);
        }

        return left == 0;

        async ValueTask RunAsync(OpenChunk chunk, CancellationToken token)
        {
            if (!await chunkRunner.RunAsync(group, job, source, chunk, token).ConfigureAwait(false))
            {
                _ = Interlocked.Increment(ref left);
            }
        }
    }
}
