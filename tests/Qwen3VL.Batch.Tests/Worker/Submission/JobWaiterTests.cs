using Npgsql;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Tests.Fakes;
using Qwen3VL.Batch.Worker.Commands;
using Qwen3VL.Batch.Worker.Submission;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Worker.Submission;

public sealed class JobWaiterTests
{
    // Exactly one wait: more of it would let the waiter arm its next timer while the clock moves, and none or two of them fire.
    private static readonly TimeSpan Round = JobWaiter.RoundTime;

    // What JobRecords.Document() was asked for.
    private static readonly SubmitJob Command = new() { OccurredAt = DateTimeOffset.UnixEpoch.AddYears(60), IdempotencyKey = "key", Kind = JobKind.Document, Source = new JobSource { Uri = "file" }, Tasks = [] };

    private readonly ManualTime _time = new();
    private readonly FakeReader _reader = new();
    private readonly List<string> _seen = [];

    [Fact]
    public async Task Wait_JobThatRunsAndSucceeds_IsSeenAtEveryStep()
    {
        Task<IReadOnlyList<WaitedJob>> waiting = WaitAsync(null);
        Step(job => job with { State = JobState.Running, TotalChunks = 2 });
        Step(job => job with { State = JobState.Running, TotalChunks = 2, DoneChunks = 1 });
        Step(job => job with { State = JobState.Succeeded, TotalChunks = 2, DoneChunks = 2 });

        IReadOnlyList<WaitedJob> ended = await waiting;

        _seen.ShouldBe(["running 0", "running 0.5", "succeeded 1"]);
        WaitedJob.ExitCodeOf(ended).ShouldBe(ExitCodes.Done);
    }

    [Fact]
    public async Task Wait_RejectedCommand_EndsWithTheReason()
    {
        _reader.Rejection = new JobError("idempotency_conflict", "key must be new");

        WaitedJob ended = (await WaitAsync(null)).ShouldHaveSingleItem();

        ended.State.ShouldBe("rejected");
        ended.ExitCode.ShouldBe(ExitCodes.Failed);
    }

    [Fact]
    public async Task Wait_KeyHeldByOtherWork_IsAConflictAndNotThatJobsResult()
    {
        _reader.Job = JobRecords.Document(null, JobRecords.Ask(JobTaskKind.Caption)) with { State = JobState.Succeeded };

        WaitedJob ended = (await WaitAsync(null)).ShouldHaveSingleItem();

        ended.Rejection.ShouldNotBeNull().Code.ShouldBe(ErrorCodes.IdempotencyConflict);
        ended.ExitCode.ShouldBe(ExitCodes.Failed);
    }

    [Fact]
    public async Task Wait_NobodyTakesTheJob_EndsAtTheTimeout()
    {
        Task<IReadOnlyList<WaitedJob>> waiting = WaitAsync(3 * Round);
        PassRound();
        PassRound();
        AwaitNextWait();
        waiting.IsCompleted.ShouldBeFalse();
        PassRound();

        (await waiting).ShouldHaveSingleItem().State.ShouldBe("sent");
    }

    [Fact]
    public async Task Wait_DatabaseAwayForAWhile_GoesOnWhenItIsBack()
    {
        Task<IReadOnlyList<WaitedJob>> waiting = WaitAsync(null);
        Step(job => job with { State = JobState.Running, TotalChunks = 2 });
        _reader.Failure = new NpgsqlException("away", new IOException());
        PassRound();
        AwaitNextWait();
        _reader.NumFailures.ShouldBe(1);
        _reader.Failure = null;
        Step(job => job with { State = JobState.Succeeded, TotalChunks = 2, DoneChunks = 2 });

        WaitedJob.ExitCodeOf(await waiting).ShouldBe(ExitCodes.Done);
    }

    [Fact]
    public async Task Wait_DatabaseAwayForTooLong_Fails()
    {
        Task<IReadOnlyList<WaitedJob>> waiting = WaitAsync(null);
        Step(job => job with { State = JobState.Running, TotalChunks = 2 });
        _reader.Failure = new NpgsqlException("away", new IOException());
        PassRound();
        AwaitNextWait();
        _time.Advance(TimeSpan.FromMinutes(6));

        // It may have read the clock on the way: then it waits once more.
        SpinWait.SpinUntil(() => waiting.IsCompleted || _time.ArmedTimers > 0, TimeSpan.FromSeconds(10)).ShouldBeTrue();
        _time.Advance(Round);

        await Should.ThrowAsync<NpgsqlException>(() => waiting);
    }

    [Fact]
    public async Task Wait_JobThatEndedBeforeTheCommand_IsSaidToBeDoneBefore()
    {
        _reader.Job = JobRecords.Document() with { State = JobState.Succeeded, FinishedAt = Command.OccurredAt.AddSeconds(-1) };

        (await WaitAsync(null)).ShouldHaveSingleItem().WasDoneBefore.ShouldBeTrue();
    }

    [Fact]
    public async Task Wait_JobThatEndsUnderAClockBehindOurs_IsNotSaidToBeDoneBefore()
    {
        Task<IReadOnlyList<WaitedJob>> waiting = WaitAsync(null);
        Step(job => job with { State = JobState.Running, TotalChunks = 1 });
        Step(job => job with { State = JobState.Succeeded, TotalChunks = 1, DoneChunks = 1, FinishedAt = Command.OccurredAt.AddSeconds(-1) });

        (await waiting).ShouldHaveSingleItem().WasDoneBefore.ShouldBeFalse();
    }

    [Fact]
    public void ExitCodeOf_FailureAmongPartials_IsFailure() => WaitedJob.ExitCodeOf(
    [
        Ended(JobState.Succeeded),
        Ended(JobState.Partial),
        Ended(JobState.Failed),
    ]).ShouldBe(ExitCodes.Failed);

    [Fact]
    public void ExitCodeOf_PartialAmongSuccesses_IsPartial() =>
        WaitedJob.ExitCodeOf([Ended(JobState.Succeeded), Ended(JobState.Partial)]).ShouldBe(ExitCodes.Partial);

    private static WaitedJob Ended(JobState state) => new(Command, JobRecords.Document() with { State = state }, null);

    private Task<IReadOnlyList<WaitedJob>> WaitAsync(TimeSpan? timeout) => new JobWaiter(_reader, 0, _time).WaitAsync(
        [new WaitedJob(Command, null, null)],
        timeout,
        (_, job) => _seen.Add(FormattableString.Invariant($"{job.State} {job.Share}")),
        CancellationToken.None);

    // The waiter goes on behind Advance on another thread: what it sees is awaited, and that it waits again by the armed timer.
    private void Step(Func<JobRecord, JobRecord> change)
    {
        AwaitNextWait();
        _reader.Job = change(JobRecords.Document());
        int before = _seen.Count;
        _time.Advance(Round);
        SpinWait.SpinUntil(() => _seen.Count > before, TimeSpan.FromSeconds(10)).ShouldBeTrue();
    }

    private void AwaitNextWait() => SpinWait.SpinUntil(() => _time.ArmedTimers > 0, TimeSpan.FromSeconds(10)).ShouldBeTrue();

    private void PassRound()
    {
        AwaitNextWait();
        _time.Advance(Round);
    }

    private sealed class FakeReader : IResultReader
    {
        public JobRecord? Job { get; set; }

        public JobError? Rejection { get; set; }

        public Exception? Failure { get; set; }

        /// <summary>Readings that ended in <see cref="Failure"/>.</summary>
        public int NumFailures { get; private set; }

        public Task<Guid?> FindJobAsync(long tenantId, string idempotencyKey, CancellationToken cancellationToken) => Task.FromResult(Job?.Id);

        public Task<JobError?> FindRejectionAsync(long tenantId, string idempotencyKey, CancellationToken cancellationToken) => Task.FromResult(Rejection);

        public Task<JobError?> FindRejectionAsync(SubmitJob command, CancellationToken cancellationToken) => Task.FromResult(Rejection);

        public Task<JobRecord?> ReadJobAsync(long tenantId, Guid jobId, CancellationToken cancellationToken)
        {
            if (Failure is null)
            {
                return Task.FromResult(Job);
            }

            NumFailures++;
            return Task.FromException<JobRecord?>(Failure);
        }

        public Task<IReadOnlyList<JobRecord>> ListJobsAsync(long tenantId, int limit, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<JobRecord>>(Job is null ? [] : [Job]);

        public Task<JobResults?> ReadResultsAsync(long tenantId, Guid jobId, CancellationToken cancellationToken) => Task.FromResult<JobResults?>(null);
    }
}
