using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Qwen3VL.Batch.Contracts;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults;
using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Storage;

/// <content>Replaying. A dead letter goes from open to replayed in the transaction that makes what replays it, or not at all.</content>
internal sealed partial class PostgresDeadLetters
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<ReplayedLetter>> ReplayAsync(DeadLetterReplay replay, CancellationToken cancellationToken)
    {
        // By ids everything named is answered for; by filter only what is open is meant.
        DeadLetterQuery query = replay.Query.Ids is null ? replay.Query with { Status = "open" } : replay.Query;
        IReadOnlyList<StoredDeadLetter> rows = await ListAsync(query, cancellationToken).ConfigureAwait(false);
        List<ReplayedLetter> outcomes = [];
        List<StoredDeadLetter> open = [];
        foreach (StoredDeadLetter row in rows)
        {
            if (row.Status != "open")
            {
                Answer([ReplayedLetter.Of(row, ReplayVerdict.NotOpen, row.Status)]);
            }
            else if (!replay.Force && row.ReplayCount >= DeadLetterReplay.MaxReplays)
            {
                Answer([ReplayedLetter.Of(row, ReplayVerdict.TooOften)]);
            }
            else
            {
                open.Add(row);
            }
        }

        // The chunks of one job make one follow-up job; everything else goes by itself.
        bool first = true;
        foreach (IGrouping<Guid, StoredDeadLetter> unit in open.OrderBy(row => row.Id).GroupBy(row => row is { Source: "chunk", JobId: { } jobId } ? jobId : row.Id))
        {
            if (!first && !replay.DryRun)
            {
                await Task.Delay(TimeSpan.FromSeconds(1 / replay.PerSecond), time, cancellationToken).ConfigureAwait(false);
            }

            first = false;
            StoredDeadLetter[] letters = [.. unit];
            Answer(letters[0].Source == "chunk"
                ? await ReplayChunksAsync(replay, letters, cancellationToken).ConfigureAwait(false)
                : await ReplayMessageAsync(replay, letters[0], cancellationToken).ConfigureAwait(false));
        }

        return outcomes;

        void Answer(IReadOnlyList<ReplayedLetter> answers)
        {
            foreach (ReplayedLetter answer in answers)
            {
                outcomes.Add(answer);
                replay.Answered(answer);
            }
        }
    }

    private async Task<IReadOnlyList<ReplayedLetter>> ReplayChunksAsync(
        DeadLetterReplay replay, StoredDeadLetter[] rows, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        Guid jobId = rows[0].JobId.GetValueOrDefault();
        var key = new { replay.Query.TenantId, JobId = jobId };
        await session.ExecuteAsync(DeadLetterReplaySql.KeepMonths, new { Number = AdvisoryLocks.Months }).ConfigureAwait(false);
        if ((await session.FindAsync<JobRow>(ReaderSql.Job, key).ConfigureAwait(false))?.ToRecord() is not { } job
            || await session.FindValueAsync<bool>(DeadLetterReplaySql.IsBasisGone, key).ConfigureAwait(false) is true)
        {
            return [.. rows.Select(row => ReplayedLetter.Of(row, ReplayVerdict.JobGone))];
        }

        // What the follow-up job builds on must not change any more.
        if (job.State is not (JobState.Succeeded or JobState.Partial or JobState.Failed or JobState.Cancelled))
        {
            return [.. rows.Select(row => ReplayedLetter.Of(row, ReplayVerdict.JobOpen))];
        }

        JobOptions options = FollowUp.Options(job, replay.Changes);
        IReadOnlyList<string> problems = FollowUp.Problems(job, options, defaults, time.GetUtcNow());
        if (problems.Count > 0)
        {
            return [.. rows.Select(row => ReplayedLetter.Of(row, ReplayVerdict.InvalidChanges, string.Join("; also: ", problems)))];
        }

        if (replay.DryRun)
        {
            return [.. rows.Select(row => ReplayedLetter.Of(row, ReplayVerdict.WouldReplay))];
        }

        string actor = StoredText.Clean(replay.Actor, ActorLength);
        IReadOnlyList<StoredDeadLetter> taken = await TakeAsync(session, replay, rows, actor).ConfigureAwait(false);
        Guid[] ids = [.. taken.Select(row => row.Id)];
        IEnumerable<ReplayedLetter> missed = rows.Where(row => !ids.Contains(row.Id)).Select(row => ReplayedLetter.Of(row, ReplayVerdict.NotOpen));
        if (ids.Length == 0)
        {
            return [.. missed];
        }

        string followUpKey = $"replay:{replay.ReplayId}:{jobId}";
        var take = new { job.TenantId, Key = followUpKey, Hash = SHA256.HashData(Encoding.UTF8.GetBytes(followUpKey)) };
        if (await session.FindValueAsync<Guid>(IntakeSql.TakeKey, take).ConfigureAwait(false) is not { } followUpId)
        {
            // Not committed: they stay open.
            return [.. rows.Select(row => ReplayedLetter.Of(row, ReplayVerdict.AlreadyReplayed))];
        }

        int[] chunks = [.. taken.Select(row => row.ChunkNo.GetValueOrDefault()).Distinct().Order()];
        await InsertFollowUpAsync(session, job, followUpId, followUpKey, options, chunks).ConfigureAwait(false);
        object detail = new { replayId = replay.ReplayId, followUpJobId = followUpId, changes = replay.Changes, forced = replay.Force };
        await CloseAsync(session, ids, actor, detail, followUpId).ConfigureAwait(false);
        crashPoints?.Reach(CrashPoint.BeforeReplayCommit);
        await session.CommitAsync().ConfigureAwait(false);
        return [.. taken.Select(row => ReplayedLetter.Of(row, ReplayVerdict.Replayed) with { FollowUpJobId = followUpId }), .. missed];
    }

    private static async Task InsertFollowUpAsync(LedgerSession session, JobRecord job, Guid followUpId, string key, JobOptions options, int[] chunks)
    {
        var row = new
        {
            FollowUpId = followUpId,
            JobId = job.Id,
            job.TenantId,
            Key = key,
            Options = JsonSerializer.Serialize(options, ContractJson.Options),
            Chunks = chunks,
        };
        DateTime at = await session.FindValueAsync<DateTime>(DeadLetterReplaySql.InsertFollowUp, row).ConfigureAwait(false)
            ?? throw new InvalidOperationException("a job that was found and whose month stays must still be there; it is not");
        await PostgresJobLedger.AddPlanningAsync(session, followUpId, job.TenantId, job.Priority).ConfigureAwait(false);
        var accepted = new JobAccepted
        {
            TenantId = job.TenantId,
            OccurredAt = new DateTimeOffset(at),
            JobId = followUpId,
            IdempotencyKey = key,
        };
        await session.AddEventAsync(followUpId, accepted).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<ReplayedLetter>> ReplayMessageAsync(DeadLetterReplay replay, StoredDeadLetter row, CancellationToken cancellationToken)
    {
        if (ReplayedMessage.Of(row) is not { } message)
        {
            return [ReplayedLetter.Of(row, ReplayVerdict.NotReplayable)];
        }

        if (replay.DryRun)
        {
            return [ReplayedLetter.Of(row, ReplayVerdict.WouldReplay)];
        }

        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        string actor = StoredText.Clean(replay.Actor, ActorLength);
        if ((await TakeAsync(session, replay, [row], actor).ConfigureAwait(false)).Count == 0)
        {
            return [ReplayedLetter.Of(row, ReplayVerdict.NotOpen)];
        }

        string sql = row.Source == "outbox" ? DeadLetterReplaySql.InsertEvent : DeadLetterReplaySql.InsertCommand;
        Guid messageId = await session.FindValueAsync<Guid>(sql, message).ConfigureAwait(false) ?? message.MessageId;
        await CloseAsync(session, [row.Id], actor, new { replayId = replay.ReplayId, messageId, forced = replay.Force }, null).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);
        return [ReplayedLetter.Of(row, ReplayVerdict.Replayed) with { MessageId = messageId }];
    }

    private static async Task<IReadOnlyList<StoredDeadLetter>> TakeAsync(
        LedgerSession session, DeadLetterReplay replay, IReadOnlyList<StoredDeadLetter> rows, string actor)
    {
        var take = new
        {
            Ids = rows.Select(row => row.Id).ToArray(),
            replay.Query.TenantId,
            Actor = actor,
            MaxReplays = replay.Force ? int.MaxValue : DeadLetterReplay.MaxReplays,
        };
        IReadOnlyList<StoredDeadLetter> taken = await session.QueryAsync<StoredDeadLetter>(DeadLetterReplaySql.Take, take).ConfigureAwait(false);
        _ = await AuditAsync(session, [.. taken.Select(row => row.Id)], "replaying", actor, new { replayId = replay.ReplayId }).ConfigureAwait(false);
        return taken;
    }

    private static async Task CloseAsync(LedgerSession session, Guid[] ids, string actor, object detail, Guid? followUpId)
    {
        await session.ExecuteAsync(DeadLetterReplaySql.Close, new { Ids = ids, ReplayJobId = followUpId }).ConfigureAwait(false);
        _ = await AuditAsync(session, ids, "replayed", actor, detail).ConfigureAwait(false);
    }
}
