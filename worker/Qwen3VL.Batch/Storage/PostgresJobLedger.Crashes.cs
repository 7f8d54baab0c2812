using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Storage;

/// <content>Taking leases back, and what it tells about the chunks that ran under them.</content>
internal sealed partial class PostgresJobLedger
{
    private static readonly JobError Crash = new(
        ErrorCodes.Crash, $"a worker must survive its work; {Quarantine.FinalLosses} processes ended with it, the last of them with nothing beside it");

    /// <inheritdoc/>
    public async Task<TakenBack> ReleaseLostAsync(ClaimedGroup group, TimeSpan delay, CancellationToken cancellationToken) =>
        await TakeBackAsync(group, delay, cancellationToken).ConfigureAwait(false) ?? default;

    private async Task<(int Expired, TakenBack Found)> TakeBackExpiredAsync(List<Exception> errors, CancellationToken cancellationToken)
    {
        IReadOnlyList<ExpiredLease> leases = [];
        _ = await GuardAsync(
            async () => (leases = await FindExpiredAsync(cancellationToken).ConfigureAwait(false)).Count, errors, cancellationToken).ConfigureAwait(false);
        int expired = 0;
        TakenBack sum = default;
        foreach (ExpiredLease lease in leases)
        {
            TakenBack? taken = null;
            _ = await GuardAsync(
                async () =>
                {
                    taken = await TakeBackAsync(lease.Group, giveBackDelay: null, cancellationToken).ConfigureAwait(false);
                    return 0;
                },
                errors,
                cancellationToken).ConfigureAwait(false);
            if (taken is { } found)
            {
                expired++;
                sum = new TakenBack(sum.LostStarts + found.LostStarts, sum.Quarantined + found.Quarantined, sum.Crashed + found.Crashed);
            }
        }

        return (expired, sum);
    }

    private async Task<IReadOnlyList<ExpiredLease>> FindExpiredAsync(CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        return await session.QueryAsync<ExpiredLease>(CrashSql.Expired).ConfigureAwait(false);
    }

    /// <summary>
    /// Takes one lease back: counts the starts lost with it, gives suspects groups of their own, gives up what was lost too often. One
    /// transaction, in the ledger's lock order; the work row is written after the stages, because a quarantined group has the highest number.
    /// </summary>
    /// <param name="group">The claim.</param>
    /// <param name="giveBackDelay">Given back by its holder, ready after so long; null: expired, taken back by a sweep.</param>
    /// <param name="cancellationToken">Cancels; nothing is kept then.</param>
    /// <returns>Null when the lease is no longer that claim's, or was renewed.</returns>
    private async Task<TakenBack?> TakeBackAsync(ClaimedGroup group, TimeSpan? giveBackDelay, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        var lease = new { group.JobId, group.GroupNo, group.Fence, group.WorkerId, Expired = giveBackDelay is null };
        IReadOnlyList<LostChunk> lost = await session.QueryAsync<LostChunk>(CrashSql.CountLost, lease).ConfigureAwait(false);
        if (lost.Count > 0)
        {
            var rows = new { group.JobId, group.Fence, group.WorkerId, ChunkNos = lost.Select(chunk => chunk.ChunkNo).ToArray() };
            await session.ExecuteAsync(CrashSql.InsertLost, rows).ConfigureAwait(false);
        }

        bool inQuarantine = group.GroupNo >= Quarantine.FirstGroupNo;
        int[] suspects = inQuarantine ? [] : [.. lost.Where(chunk => chunk.LostStarts >= Quarantine.EntryLosses).Select(chunk => chunk.ChunkNo).Order()];
        var move = new
        {
            group.JobId,
            group.GroupNo,
            ChunkNos = suspects,
            Quarantine.FirstGroupNo,
            Quarantine.EntryLosses,
            Lane = Lanes.Quarantine,
        };
        if (suspects.Length > 0)
        {
            await session.ExecuteAsync(CrashSql.MoveChunks, move).ConfigureAwait(false);
        }

        LostChunk[] crashed = inQuarantine ? [.. lost.Where(chunk => chunk.LostStarts >= Quarantine.FinalLosses)] : [];
        if (crashed.Length > 0)
        {
            await EndCrashedAsync(session, group.JobId, crashed[0]).ConfigureAwait(false);
        }

        bool isPlanning = group.GroupNo == ClaimedGroup.PlanningGroupNo && giveBackDelay is null;
        IReadOnlyList<Guid> replayed = isPlanning ? await LockReplayedAsync(session, group.JobId).ConfigureAwait(false) : [];
        if (await GiveUpLeaseAsync(session, group, giveBackDelay).ConfigureAwait(false) is not { } losses)
        {
            return null;
        }

        if (suspects.Length > 0)
        {
            await session.ExecuteAsync(CrashSql.InsertQuarantined, move).ConfigureAwait(false);
        }

        bool planningCrashed = isPlanning && losses >= Quarantine.FinalLosses;
        if (crashed.Length > 0 || planningCrashed)
        {
            await session.ExecuteAsync(CrashSql.DeleteGroup, group).ConfigureAwait(false);
        }

        // A quarantined group has one chunk.
        if (crashed.Length > 0)
        {
            _ = await CountAsync(session, group.JobId, succeeded: false).ConfigureAwait(false);
        }

        if (planningCrashed)
        {
            planningCrashed = await FailPlanningAsync(session, group.JobId, Crash, replayed).ConfigureAwait(false);
        }

        await session.CommitAsync().ConfigureAwait(false);
        bool planningMoved = isPlanning && losses == Quarantine.EntryLosses;
        return new TakenBack(lost.Count, suspects.Length + (planningMoved ? 1 : 0), crashed.Length + (planningCrashed ? 1 : 0));
    }

    private static async Task<int?> GiveUpLeaseAsync(LedgerSession session, ClaimedGroup group, TimeSpan? giveBackDelay)
    {
        var lease = new
        {
            group.JobId,
            group.GroupNo,
            group.Fence,
            group.WorkerId,
            group.Outages,
            group.Defects,
            Quarantine.EntryLosses,
            Lane = Lanes.Quarantine,
            DelaySeconds = giveBackDelay.GetValueOrDefault().TotalSeconds,
        };
        string sql = giveBackDelay is null ? CrashSql.TakeBack : CrashSql.GiveBack;
        return await session.FindValueAsync<short>(sql, lease).ConfigureAwait(false);
    }

    private static async Task EndCrashedAsync(LedgerSession session, Guid jobId, LostChunk chunk)
    {
        var end = new { JobId = jobId, chunk.ChunkNo, Crash.Code, Crash.Message };
        if (await session.FindValueAsync<short>(CrashSql.EndCrashed, end).ConfigureAwait(false) is not { } stage)
        {
            throw new InvalidOperationException("a chunk that was locked open must still be open; it has ended");
        }

        await AddDeadLetterAsync(session, jobId, chunk.ChunkNo).ConfigureAwait(false);
        await EndStageAsync(session, jobId, stage).ConfigureAwait(false);
    }
}
