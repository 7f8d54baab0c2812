using System.Text.Json;
using Qwen3VL.Batch.Contracts;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

[Collection(PostgresServer.Collection)]
public sealed class LedgerIntakeTests(PostgresServer server) : IAsyncLifetime
{
    private LedgerDatabase _database = null!; // set before each test

    public async Task InitializeAsync() => _database = await LedgerDatabase.CreateAsync(server);

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Submit_NewKey_RecordsJobWorkAndEvent()
    {
        SubmitJob command = LedgerDatabase.Command("a") with { DeadlineAt = DateTimeOffset.UnixEpoch.AddYears(100), Priority = 9 };

        SubmitOutcome outcome = await _database.Ledger.SubmitAsync(command, default);

        outcome.Status.ShouldBe(SubmitStatus.Accepted);
        outcome.JobId.Version.ShouldBe(7);
        JobRecord job = await _database.JobAsync(outcome.JobId);
        (job.State, job.Kind, job.Source, job.Options, job.Priority).ShouldBe((JobState.Accepted, command.Kind, command.Source, command.Options, 9));
        job.Tasks.Select(task => task.Kind).ShouldBe(command.Tasks.Select(task => task.Kind));
        job.Tasks[1].Labels.ShouldBe(["cat"]);
        job.DeadlineAt.ShouldBe(command.DeadlineAt);
        (job.TotalChunks, job.Facts, job.Error).ShouldBe((null, null, null));
        OutboxMessage message = (await _database.Outbox.TakeAsync(10, TimeSpan.FromMinutes(1), default)).ShouldHaveSingleItem();
        message.MessageType.ShouldBe(nameof(JobAccepted));
        var accepted = JsonSerializer.Deserialize<JobAccepted>(message.Body, ContractJson.Options).ShouldNotBeNull();
        accepted.ShouldBe(new JobAccepted { TenantId = 7, OccurredAt = job.CreatedAt, JobId = outcome.JobId, IdempotencyKey = "a" });
    }

    [Fact]
    public async Task Submit_SameKeyAndBodyAgain_IsTheSameJob()
    {
        SubmitOutcome first = await _database.Ledger.SubmitAsync(LedgerDatabase.Command("a"), default);
        SubmitJob repeated = LedgerDatabase.Command("a") with { OccurredAt = DateTimeOffset.UnixEpoch.AddDays(1) };

        SubmitOutcome second = await _database.Ledger.SubmitAsync(repeated, default);

        second.ShouldBe(new SubmitOutcome(SubmitStatus.Duplicate, first.JobId));
        (await _database.CountAsync("vq.jobs")).ShouldBe(1);
        (await _database.CountAsync("vq.outbox")).ShouldBe(1);
    }

    [Fact]
    public async Task Submit_SameKeyOtherBody_IsAConflictAndChangesNothing()
    {
        SubmitOutcome first = await _database.Ledger.SubmitAsync(LedgerDatabase.Command("a"), default);

        SubmitOutcome other = await _database.Ledger.SubmitAsync(LedgerDatabase.Command("a") with { Priority = 1 }, default);

        other.ShouldBe(new SubmitOutcome(SubmitStatus.Conflict, first.JobId));
        (await _database.JobAsync(first.JobId)).Priority.ShouldBe(5);
    }

    [Fact]
    public async Task Submit_SameKeyOfAnotherTenant_IsAnotherJob()
    {
        SubmitOutcome first = await _database.Ledger.SubmitAsync(LedgerDatabase.Command("a"), default);

        SubmitOutcome other = await _database.Ledger.SubmitAsync(LedgerDatabase.Command("a") with { TenantId = 8 }, default);

        other.Status.ShouldBe(SubmitStatus.Accepted);
        other.JobId.ShouldNotBe(first.JobId);
    }

    [Fact]
    public async Task Submit_HundredEqualAtOnce_OneIsAcceptedAndAllNameIt()
    {
        SubmitOutcome[] outcomes = await Task.WhenAll(
            Enumerable.Range(0, 100).Select(_ => _database.Ledger.SubmitAsync(LedgerDatabase.Command("a"), default)));

        outcomes.Count(outcome => outcome.Status == SubmitStatus.Accepted).ShouldBe(1);
        outcomes.Count(outcome => outcome.Status == SubmitStatus.Duplicate).ShouldBe(99);
        outcomes.Select(outcome => outcome.JobId).Distinct().Count().ShouldBe(1);
        (await _database.CountAsync("vq.work")).ShouldBe(1);
    }

    [Fact]
    public async Task Submit_HostileText_IsStoredClean()
    {
        SubmitJob command = LedgerDatabase.Command("k\0\ud800") with
        {
            Source = new JobSource { Uri = "a\0b.pdf" },
            Tasks = [new JobTask { Kind = JobTaskKind.Grounding, Labels = ["\udc00x\0"] }],
        };

        SubmitOutcome outcome = await _database.Ledger.SubmitAsync(command, default);

        JobRecord job = await _database.JobAsync(outcome.JobId);
        job.Source.Uri.ShouldBe("a\ufffdb.pdf");
        job.Tasks[0].Labels.ShouldBe(["\ufffdx\ufffd"]);
        (await _database.Reader.FindJobAsync(7, command.IdempotencyKey, default)).ShouldBe(outcome.JobId);
    }

    [Fact]
    public async Task Reject_TwiceWithHostileKey_RecordsOneRefusalAndOneEvent()
    {
        SubmitJob command = LedgerDatabase.Command(new string('x', 5_000) + "\0") with { Priority = 99 };
        var error = new JobError(ErrorCodes.InvalidCommand, "Priority must be 0..9; got 99\0");

        await _database.Ledger.RejectAsync(command, error, default);
        await _database.Ledger.RejectAsync(command, error, default);

        (await _database.Reader.FindRejectionAsync(7, command.IdempotencyKey, default))
            .ShouldBe(new JobError(ErrorCodes.InvalidCommand, "Priority must be 0..9; got 99\ufffd"));
        (await _database.Reader.FindRejectionAsync(8, command.IdempotencyKey, default)).ShouldBeNull();
        (await _database.Outbox.TakeAsync(10, TimeSpan.FromMinutes(1), default)).ShouldHaveSingleItem().MessageType.ShouldBe(nameof(JobRejected));
    }

    [Fact]
    public async Task FindRejection_KeyRefusedWithAnotherBody_IsNotThisCommands()
    {
        SubmitJob wrong = LedgerDatabase.Command("corrected") with { Priority = 99, OccurredAt = DateTimeOffset.MaxValue };
        SubmitJob right = wrong with { Priority = 5 };
        await _database.Ledger.RejectAsync(wrong, new JobError(ErrorCodes.InvalidCommand, "Priority must be 0..9; got 99"), default);

        (await _database.Reader.FindRejectionAsync(wrong, default)).ShouldNotBeNull().Code.ShouldBe(ErrorCodes.InvalidCommand);
        (await _database.Reader.FindRejectionAsync(right, default)).ShouldBeNull();
        (await _database.Reader.FindRejectionAsync(right.TenantId, right.IdempotencyKey, default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task FindRejection_BodyNobodyCouldRead_IsTheCommandsWhenItCameAfterIt()
    {
        SubmitJob command = LedgerDatabase.Command("unread") with { OccurredAt = DateTimeOffset.UnixEpoch.AddYears(10) };
        await _database.Ledger.RejectAsync(
            RequestHash.Unread(command.TenantId, command.IdempotencyKey), new JobError(ErrorCodes.InvalidCommand, "command must be JSON"), default);

        (await _database.Reader.FindRejectionAsync(command, default)).ShouldNotBeNull();
        (await _database.Reader.FindRejectionAsync(command with { OccurredAt = DateTimeOffset.MaxValue }, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Claim_SeveralJobs_HigherPriorityFirst()
    {
        long worker = await _database.WorkerAsync();
        Guid low = (await _database.Ledger.SubmitAsync(LedgerDatabase.Command("low") with { Priority = 0 }, default)).JobId;
        Guid high = (await _database.Ledger.SubmitAsync(LedgerDatabase.Command("high") with { Priority = 9 }, default)).JobId;

        (await _database.ClaimOneAsync(worker)).JobId.ShouldBe(high);
        (await _database.ClaimOneAsync(worker)).JobId.ShouldBe(low);
    }
}
