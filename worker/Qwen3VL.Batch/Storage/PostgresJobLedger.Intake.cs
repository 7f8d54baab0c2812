using System.Text.Json;
using Qwen3VL.Batch.Contracts;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults;

namespace Qwen3VL.Batch.Storage;

/// <content>Taking commands in.</content>
internal sealed partial class PostgresJobLedger
{
    /// <inheritdoc/>
    public async Task<SubmitOutcome> SubmitAsync(SubmitJob command, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        var key = new
        {
            command.TenantId,
            Key = StoredText.Clean(command.IdempotencyKey, StoredText.KeyLength),
            Hash = RequestHash.Of(command),
        };
        while (true)
        {
            if (await session.FindValueAsync<Guid>(IntakeSql.TakeKey, key).ConfigureAwait(false) is { } jobId)
            {
                await RecordJobAsync(session, jobId, command).ConfigureAwait(false);
                crashPoints?.Reach(CrashPoint.BeforeSubmitCommit);
                await session.CommitAsync().ConfigureAwait(false);
                return new SubmitOutcome(SubmitStatus.Accepted, jobId);
            }

            // No holder: the key's retention ended between the two statements. Take it again.
            if (await session.FindAsync<KeyHolder>(IntakeSql.ReadKey, key).ConfigureAwait(false) is { } holder)
            {
                return new SubmitOutcome(holder.SameBody ? SubmitStatus.Duplicate : SubmitStatus.Conflict, holder.JobId);
            }
        }
    }

    /// <inheritdoc/>
    public async Task RejectAsync(SubmitJob command, JobError error, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false);
        JobError clean = Clean(error);
        string key = StoredText.Clean(command.IdempotencyKey, StoredText.KeyLength) ?? "";
        var row = new { command.TenantId, Key = key, Hash = RequestHash.Of(command), clean.Code, clean.Message };
        if (await session.FindValueAsync<DateTime>(IntakeSql.InsertRejection, row).ConfigureAwait(false) is { } at)
        {
            var rejected = new JobRejected
            {
                TenantId = command.TenantId,
                OccurredAt = new DateTimeOffset(at),
                IdempotencyKey = key,
                Error = clean,
            };
            await session.AddEventAsync(null, rejected).ConfigureAwait(false);
        }

        await session.CommitAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<bool> RequestCancelAsync(long tenantId, Guid jobId, string? reason, CancellationToken cancellationToken)
    {
        // Two transactions: the first takes the job's lock only, the second work before job. Were they one, a chunk that ends at the same
        // time (chunk, work, job) could wait for this one and this one for it. A crash between them is made good by the sweep.
        var job = new { TenantId = tenantId, JobId = jobId, Reason = StoredText.Clean(reason, 500) };
        await using (LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false))
        {
            int asked = await session.ExecuteAsync(IntakeSql.RequestCancel, job).ConfigureAwait(false);
            if (asked == 0 && await session.FindValueAsync<bool>(IntakeSql.IsCancelling, job).ConfigureAwait(false) is null)
            {
                return false;
            }

            await session.CommitAsync().ConfigureAwait(false);
        }

        _ = await WithdrawCancelledAsync(jobId, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc/>
    public async Task<bool> SetPriorityAsync(long tenantId, Guid jobId, int priority, CancellationToken cancellationToken)
    {
        // As for a cancel, two transactions: job, then work, because the ending of a chunk takes the two the other way round. The places are
        // computed from the job as it stands, so it does not matter which of two calls comes last.
        await using (LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false))
        {
            var set = new { TenantId = tenantId, JobId = jobId, Priority = (short)priority };
            if (await session.ExecuteAsync(IntakeSql.SetPriority, set).ConfigureAwait(false) == 0)
            {
                return false;
            }

            await session.CommitAsync().ConfigureAwait(false);
        }

        await using (LedgerSession session = await BeginAsync(cancellationToken).ConfigureAwait(false))
        {
            // Twice: the first waits for a plan that is just committed, and does not see the groups that it made; the second does.
            var move = new
            {
                JobId = jobId,
                SlackSeconds = PrioritySlack.All,
                Lanes.Bulk,
                Lanes.Interactive,
                Lanes.Quarantine,
                Lanes.LowestInteractivePriority,
            };
            await session.ExecuteAsync(IntakeSql.MoveGroups, move).ConfigureAwait(false);
            await session.ExecuteAsync(IntakeSql.MoveGroups, move).ConfigureAwait(false);
            await session.CommitAsync().ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Puts a new job's planning group in its place among the groups of its tenant and of others.</summary>
    internal static async Task AddPlanningAsync(LedgerSession session, Guid jobId, long tenantId, int priority)
    {
        var tenant = new { TenantId = tenantId, Priority = (short)priority, TenantFairness.MostCounted };
        int openGroups = await session.FindValueAsync<int>(IntakeSql.CountOpenGroups, tenant).ConfigureAwait(false) ?? 0;
        var planning = new
        {
            JobId = jobId,
            tenant.TenantId,
            tenant.Priority,
            Lane = Lanes.OfPriority(priority),
            DelaySeconds = PrioritySlack.Seconds(priority) + TenantFairness.JobDelay(openGroups),
        };
        await session.ExecuteAsync(IntakeSql.InsertPlanning, planning).ConfigureAwait(false);
    }

    private static async Task RecordJobAsync(LedgerSession session, Guid jobId, SubmitJob command)
    {
        JobTask[] tasks = [.. command.Tasks.Select(CleanLabels)];
        var job = new
        {
            JobId = jobId,
            command.TenantId,
            Key = StoredText.Clean(command.IdempotencyKey, StoredText.KeyLength),
            Kind = StoredWord.Of(command.Kind),
            SourceUri = StoredText.Clean(command.Source.Uri, 4_096),
            SourceSha256 = StoredText.Clean(command.Source.Sha256, 64),
            Tasks = JsonSerializer.Serialize(tasks, ContractJson.Options),
            Options = JsonSerializer.Serialize(command.Options, ContractJson.Options),
            Priority = (short)command.Priority,
            DeadlineAt = command.DeadlineAt?.UtcDateTime,
        };
        DateTime? at = await session.FindValueAsync<DateTime>(IntakeSql.InsertJob, job).ConfigureAwait(false);
        await AddPlanningAsync(session, jobId, command.TenantId, command.Priority).ConfigureAwait(false);
        var accepted = new JobAccepted
        {
            TenantId = command.TenantId,
            OccurredAt = new DateTimeOffset(at.GetValueOrDefault()),
            JobId = jobId,
            IdempotencyKey = job.Key,
        };
        await session.AddEventAsync(jobId, accepted).ConfigureAwait(false);
    }

    private static JobTask CleanLabels(JobTask task) =>
        task with { Labels = [.. task.Labels.Select(label => StoredText.Clean(label, StoredText.LabelLength))] };

    private static JobError Clean(JobError error) =>
        new(StoredText.Clean(error.Code, StoredText.CodeLength), StoredText.Clean(error.Message, StoredText.MessageLength));
}
