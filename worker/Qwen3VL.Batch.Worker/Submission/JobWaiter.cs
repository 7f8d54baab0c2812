using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Submission;

/// <summary>Follows jobs in the database until each has ended. The database is the truth: events may come late, twice or not at all.</summary>
internal sealed class JobWaiter
{
    /// <summary>Time between two rounds of looking.</summary>
    internal static readonly TimeSpan RoundTime = TimeSpan.FromMilliseconds(400);

    // Enough to keep a screen alive, few enough to be nothing to the database however many jobs there are.
    private const int JobsPerRound = 64;

    // A restart or failover takes seconds; what is away for longer wants a person.
    private static readonly TimeSpan PatienceWithDatabase = TimeSpan.FromMinutes(5);

    private readonly IResultReader _reader;
    private readonly long _tenantId;
    private readonly TimeProvider _timeProvider;

    /// <summary>Creates one.</summary>
    public JobWaiter(IResultReader reader, long tenantId, TimeProvider timeProvider)
    {
        _reader = reader;
        _tenantId = tenantId;
        _timeProvider = timeProvider;
    }

    /// <summary>Waits. A database that is away is waited for too, for a few minutes at a time.</summary>
    /// <param name="jobs">What was sent.</param>
    /// <param name="timeout">After this the jobs are returned as they stand; null waits for ever.</param>
    /// <param name="changed">Told of every job that has changed, with its position.</param>
    /// <param name="cancellationToken">Stops waiting; the jobs go on.</param>
    /// <returns>The jobs in the order given.</returns>
    public async Task<IReadOnlyList<WaitedJob>> WaitAsync(
        IReadOnlyList<WaitedJob> jobs,
        TimeSpan? timeout,
        Action<int, WaitedJob> changed,
        CancellationToken cancellationToken)
    {
        WaitedJob[] current = [.. jobs];
        int next = 0;
        long started = _timeProvider.GetTimestamp();
        long lastAnswer = started;
        while (true)
        {
            try
            {
                next = await RoundAsync(current, next, changed, cancellationToken).ConfigureAwait(false);
                lastAnswer = _timeProvider.GetTimestamp();
            }
            catch (Exception exception) when (MayPass(exception) && _timeProvider.GetElapsedTime(lastAnswer) < PatienceWithDatabase)
            {
                // The jobs go on or wait as well: the next round asks again.
            }

            bool isOver = current.All(job => job.IsFinished) || (timeout is { } limit && _timeProvider.GetElapsedTime(started) >= limit);
            if (isOver)
            {
                return current;
            }

            await Task.Delay(RoundTime, _timeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool MayPass(Exception exception) => TransientErrors.IsTransient(exception) && !TransientErrors.IsAccessRefused(exception);

    /// <summary>Looks at the next jobs that have not ended, beginning behind those of the round before; returns where it stopped.</summary>
    private async Task<int> RoundAsync(WaitedJob[] current, int first, Action<int, WaitedJob> changed, CancellationToken cancellationToken)
    {
        int looked = 0;
        int index = first;
        for (int step = 0; step < current.Length && looked < JobsPerRound; step++, index = (index + 1) % current.Length)
        {
            if (current[index].IsFinished)
            {
                continue;
            }

            looked++;
            WaitedJob seen = await LookAsync(current[index], cancellationToken).ConfigureAwait(false);
            bool isNews = seen.State != current[index].State || seen.Share != current[index].Share;
            current[index] = seen;
            if (isNews)
            {
                changed(index, seen);
            }
        }

        return index;
    }

    private async Task<WaitedJob> LookAsync(WaitedJob job, CancellationToken cancellationToken)
    {
        Guid? id = job.Record?.Id ?? await _reader.FindJobAsync(_tenantId, job.Key, cancellationToken).ConfigureAwait(false);
        if (id is null)
        {
            return job with { Rejection = await _reader.FindRejectionAsync(job.Command, cancellationToken).ConfigureAwait(false) };
        }

        JobRecord? record = await _reader.ReadJobAsync(_tenantId, id.Value, cancellationToken).ConfigureAwait(false);
        return record is null || IsSameWork(job.Command, record)
            ? job with { Record = record, WasFoundFinished = job.WasFoundFinished || (job.Record is null && record is not null && JobWords.IsFinal(record.State)) }
            : job with { Rejection = new JobError(ErrorCodes.IdempotencyConflict, $"idempotency key must be used with one body only; job {record.Id} holds it with another") };
    }

    // The job found under the key may have been asked for with another body before: then its results are not what was asked for now.
    private static bool IsSameWork(SubmitJob command, JobRecord record) =>
        command.Kind == record.Kind
        && command.Source == record.Source
        && command.Options == record.Options
        && command.Tasks.Count == record.Tasks.Count
        && command.Tasks.Zip(record.Tasks).All(pair => pair.First.Kind == pair.Second.Kind && pair.First.Labels.SequenceEqual(pair.Second.Labels));
}
