using Dapper;
using Npgsql;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults.Models;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.FaultTests.Models;

/// <summary>Takes steps with the product's ledger on a database of its own and with the model, and compares after each.</summary>
internal sealed class ModelRun : IAsyncDisposable
{
    private const int Workers = 3;
    private const int Keys = 12;
    private const int Files = 2;
    private const string EndPauses = "UPDATE vq.work SET run_at = now() - interval '1 second'; UPDATE vq.chunks SET not_before = NULL WHERE not_before IS NOT NULL";

    private const string Expire =
        """
        UPDATE vq.workers SET beat_at = now() - interval '1 hour';
        UPDATE vq.work SET lease_until = now() - interval '1 second' WHERE job_id = @JobId AND group_no = @GroupNo AND lease_until IS NOT NULL
        """;

    private const string Overdue = "UPDATE vq.jobs SET deadline_at = now() - interval '1 second' WHERE id = @Id AND finished_at IS NULL";

    private static readonly TimeSpan Lease = TimeSpan.FromHours(1);
    private static readonly JobError Error = new(ErrorCodes.DecodeFailed, "the page must be readable");

    private readonly NpgsqlConnection _connection;
    private readonly IReadOnlyList<LedgerHand> _hands;
    private readonly LedgerModel _model = new();
    private readonly List<(ClaimedGroup Lease, int[] ChunkNos)> _leases = [];
    private int _step;

    private ModelRun(NpgsqlConnection connection, IReadOnlyList<LedgerHand> hands)
    {
        _connection = connection;
        _hands = hands;
    }

    /// <summary>Jobs that ended, by state: what a test looks at to know that its steps reach everything.</summary>
    public IEnumerable<string> States => _model.Jobs.Select(job => job.State);

    /// <summary>Begins on an empty database.</summary>
    public static async Task<ModelRun> StartAsync(string database)
    {
        var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        var hands = new List<LedgerHand>();
        for (int worker = 0; worker < Workers; worker++)
        {
            hands.Add(await LedgerHand.StartAsync(database, CancellationToken.None));
        }

        return new ModelRun(connection, hands);
    }

    /// <summary>Takes the steps.</summary>
    /// <exception cref="ModelMismatchException">The ledger did something else than the model.</exception>
    public async Task TakeAsync(IReadOnlyList<LedgerStep> steps)
    {
        foreach (LedgerStep step in steps)
        {
            try
            {
                await TakeAsync(step);
                await _connection.ExecuteAsync(EndPauses);
            }
            catch (PostgresException exception)
            {
                throw new ModelMismatchException(_step, $"{step} must not fail; the database said {exception.SqlState} {exception.MessageText}");
            }
            catch (Exception exception) when (exception is not ModelMismatchException)
            {
                // Broad on purpose: whatever the ledger throws is a failure of this step, and is made shorter like any other.
                throw new ModelMismatchException(_step, $"{step} must not fail; got {exception.GetType().Name}: {exception.Message} {exception.StackTrace}");
            }

            await CompareAsync(step);
            _step++;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (LedgerHand hand in _hands)
        {
            await hand.DisposeAsync();
        }

        await _connection.DisposeAsync();
    }

    private IJobLedger Ledger => _hands[0].Ledger;

    private async Task TakeAsync(LedgerStep step)
    {
        switch (step.Kind)
        {
            case StepKind.Submit:
                await SubmitAsync(step);
                break;
            case StepKind.Claim:
                await ClaimAsync(step);
                break;
            case StepKind.Sweep:
                await SweepAsync();
                break;
            case StepKind.Heal:
                Same(step, false, (await Ledger.HealAsync(CancellationToken.None)).Any);
                break;
            case StepKind.Cancel when Job(step) is { } job:
                Same(step, job.Cancel(), await Ledger.RequestCancelAsync(1, job.Id, null, CancellationToken.None));
                break;
            case StepKind.SetPriority when Job(step) is { } job:
                Same(step, job.IsOpen, await Ledger.SetPriorityAsync(1, job.Id, step.Second % 10, CancellationToken.None));
                break;
            case StepKind.Overdue when Job(step) is { IsOpen: true } job:
                await _connection.ExecuteAsync(Overdue, new { job.Id });
                await SweepAsync(overdue: job);
                break;
            default:
                if (_leases.Count > 0)
                {
                    await TakeWithLeaseAsync(step);
                }

                break;
        }
    }

    // A worker knows the chunks that its group had when it was leased, and no other's. Mostly a lease of the last few: old ones are all stale, and one of them is as good as another.
    private async Task TakeWithLeaseAsync(LedgerStep step)
    {
        (ClaimedGroup lease, int[] chunkNos) = _leases[^(1 + (step.First % Math.Min(_leases.Count, 8)))];
        ModelJob job = _model.Jobs.Single(found => found.Id == lease.JobId);
        switch (step.Kind)
        {
            case StepKind.Plan when lease.GroupNo == 0:
                JobPlan plan = LedgerHand.Plan(1 + (step.Second % 4), 1 + (step.Third % 2), reduces: step.Third % 3 == 0);
                Same(step, job.Plan(lease, plan), await Ledger.CommitPlanAsync(lease, plan, CancellationToken.None));
                break;
            case StepKind.FailPlanning when lease.GroupNo == 0:
                Same(step, job.FailPlanning(lease), await Ledger.FailJobAsync(lease, Error, CancellationToken.None));
                break;
            case StepKind.Release:
                job.Release(lease);
                await Ledger.ReleaseAsync(lease, TimeSpan.Zero, CancellationToken.None);
                break;
            case StepKind.ReleaseLost:
                if (job.Held(lease) is { } held)
                {
                    job.TakeBack(held, ranOut: false);
                }

                _ = await Ledger.ReleaseLostAsync(lease, TimeSpan.Zero, CancellationToken.None);
                break;
            case StepKind.Finish:
                job.Finish(lease);
                await Ledger.FinishGroupAsync(lease, CancellationToken.None);
                break;
            case StepKind.ExpireAndSweep:
                await _connection.ExecuteAsync(Expire, lease);
                await SweepAsync(expired: job.Groups.GetValueOrDefault(lease.GroupNo) is { Owner: not null } group ? (job, group) : null);
                break;
            default:
                if (chunkNos.Length > 0)
                {
                    await TakeWithChunkAsync(step, lease, job, job.Chunks[chunkNos[step.Second % chunkNos.Length]]);
                }

                break;
        }
    }

    private async Task TakeWithChunkAsync(LedgerStep step, ClaimedGroup lease, ModelJob job, ModelChunk chunk)
    {
        // A claim runs a chunk once: after a failure that leaves it open, the next execution is another claim's. The pipeline keeps to that.
        if (chunk.Outcome is null && chunk.Fence == lease.Fence && step.Kind != StepKind.Retry)
        {
            return;
        }

        ChunkResult result = LedgerHand.Result(chunk.Plan);
        switch (step.Kind)
        {
            case StepKind.Begin:
                Same(step, job.Begin(lease, chunk), await Ledger.StartChunkAsync(lease, chunk.Plan, CancellationToken.None));
                break;
            case StepKind.Complete:
                Same(step, job.End(lease, chunk, succeeds: true), await Ledger.CompleteChunkAsync(lease, chunk.Plan, result, CancellationToken.None));
                break;
            case StepKind.Fail:
                Same(step, job.End(lease, chunk, succeeds: false), await Ledger.FailChunkAsync(lease, chunk.Plan, Error, result, CancellationToken.None));
                break;
            case StepKind.Retry:
                var retry = new ChunkRetry(TimeSpan.Zero, CountsFailure: step.Third % 2 == 0, Degrades: step.Third % 3 == 0);
                Same(step, job.Retry(lease, chunk), await Ledger.RetryChunkAsync(lease, chunk.Plan, Error, result, retry, CancellationToken.None));
                break;
            default:
                break;
        }
    }

    private async Task SubmitAsync(LedgerStep step)
    {
        (string key, string file) = ($"key-{step.First % Keys}", $"file-{step.Second % 16 % Files}.pdf");
        ModelJob? known = _model.Jobs.Find(job => job.Key == key);
        SubmitOutcome outcome = await Ledger.SubmitAsync(LedgerHand.Command(key, file), CancellationToken.None);
        SubmitStatus expected = known is null ? SubmitStatus.Accepted : known.File == file ? SubmitStatus.Duplicate : SubmitStatus.Conflict;
        Same(step, expected, outcome.Status);
        if (known is null)
        {
            _model.Jobs.Add(new ModelJob(key, file) { Id = outcome.JobId });
        }
        else
        {
            Same(step, known.Id, outcome.JobId);
        }
    }

    // Which of the ready ones it takes first is the ledger's choice; that it takes ready ones, and as many as there are, is not.
    private async Task ClaimAsync(LedgerStep step)
    {
        LedgerHand hand = _hands[step.First % _hands.Count];
        int count = 1 + (step.Second % 3);
        int ready = _model.Ready.Count();
        IReadOnlyList<ClaimedGroup> leases = await hand.ClaimAsync(count, Lease, CancellationToken.None);
        Same(step, Math.Min(count, ready), leases.Count);
        foreach (ClaimedGroup lease in leases)
        {
            (ModelJob job, ModelGroup group) = _model.Ready.FirstOrDefault(found => found.Job.Id == lease.JobId && found.Group.GroupNo == lease.GroupNo);
            if (job is null)
            {
                throw new ModelMismatchException(_step, $"{step} must lease what is ready; got group {lease.GroupNo}");
            }

            job.Lease(group, hand.WorkerId);
            Same(step, group.Fence, lease.Fence);
            _leases.Add((lease, [.. job.Chunks.Values.Where(chunk => chunk.Outcome is null && chunk.GroupNo == lease.GroupNo).Select(chunk => chunk.Plan.ChunkNo)]));
        }
    }

    private async Task SweepAsync((ModelJob Job, ModelGroup Group)? expired = null, ModelJob? overdue = null)
    {
        _ = await Ledger.SweepAsync(CancellationToken.None);
        if (expired is { } lost)
        {
            lost.Job.TakeBack(lost.Group, ranOut: true);
        }

        foreach (ModelJob job in _model.Jobs)
        {
            job.Withdraw();
        }

        overdue?.EndOverdue();
    }

    private async Task CompareAsync(LedgerStep step)
    {
        IReadOnlyList<string> expected = _model.Describe();
        IReadOnlyList<string> found = await LedgerDump.ReadAsync(_connection);
        if (!expected.SequenceEqual(found))
        {
            throw new ModelMismatchException(
                _step, $"after {step} the ledger must hold [{string.Join("; ", expected.Except(found))}]; got [{string.Join("; ", found.Except(expected))}]");
        }

        if (await LedgerDump.BrokenRulesAsync(_connection) is { Count: > 0 } broken)
        {
            throw new ModelMismatchException(_step, $"after {step}: {string.Join("; ", broken)}");
        }
    }

    private ModelJob? Job(LedgerStep step) => _model.Jobs.Count == 0 ? null : _model.Jobs[step.First % _model.Jobs.Count];

    private void Same<T>(LedgerStep step, T expected, T found)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, found))
        {
            throw new ModelMismatchException(_step, $"{step} must give {expected}; got {found}");
        }
    }
}
