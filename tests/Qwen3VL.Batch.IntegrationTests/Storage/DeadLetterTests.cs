using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

[Collection(PostgresServer.Collection)]
public sealed class DeadLetterTests(PostgresServer server) : IAsyncLifetime
{
    private const string Command = """{"tenantId": 7, "jobId": "01890000-0000-7000-8000-000000000001"}""";

    private LedgerDatabase _database = null!; // set before each test

    public async Task InitializeAsync() => _database = await LedgerDatabase.CreateAsync(server);

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Record_SameKeyAgain_CountsOnTheOpenOneAndAuditsBoth()
    {
        Guid first = await _database.DeadLetters.RecordAsync(Letter("a"), default);
        Guid again = await _database.DeadLetters.RecordAsync(Letter("a") with { ErrorCode = ErrorCodes.Internal, Attempts = 5 }, default);
        Guid other = await _database.DeadLetters.RecordAsync(Letter("b"), default);

        again.ShouldBe(first);
        other.ShouldNotBe(first);
        StoredDeadLetter row = await RowAsync(first);
        (row.Occurrences, row.ErrorCode, row.Attempts, row.Status).ShouldBe((2, ErrorCodes.Internal, 5, "open"));
        (await ActionsAsync(first)).ShouldBe(["recorded", "repeated"]);
    }

    [Fact]
    public async Task Record_ManyAtOnce_OneRowThatCountsThemAll()
    {
        Guid[] ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _database.DeadLetters.RecordAsync(Letter("a"), default)));

        StoredDeadLetter row = await RowAsync(ids.Distinct().ShouldHaveSingleItem());
        row.Occurrences.ShouldBe(20);
    }

    [Fact]
    public async Task List_EveryFilter_FindsWhatFitsAndNoOtherTenants()
    {
        Guid message = await _database.DeadLetters.RecordAsync(Letter("a"), default);
        Guid chunk = await _database.DeadLetters.RecordAsync(
            Letter("b") with { Source = "chunk", JobId = new Guid("01890000-0000-7000-8000-000000000009"), ChunkNo = 3, ErrorCode = ErrorCodes.DecodeFailed }, default);
        _ = await _database.DeadLetters.RecordAsync(Letter("c") with { TenantId = 8 }, default);
        var all = new DeadLetterQuery { TenantId = LedgerDatabase.Tenant };

        (await IdsAsync(all)).ShouldBe([chunk, message]);
        (await IdsAsync(all with { Code = ErrorCodes.DecodeFailed })).ShouldBe([chunk]);
        (await IdsAsync(all with { Source = DeadLetterSource.Message })).ShouldBe([message]);
        (await IdsAsync(all with { JobId = new Guid("01890000-0000-7000-8000-000000000009") })).ShouldBe([chunk]);
        (await IdsAsync(all with { Ids = [message] })).ShouldBe([message]);
        (await IdsAsync(all with { Status = "replayed" })).ShouldBeEmpty();
        (await IdsAsync(all with { Since = DateTimeOffset.UnixEpoch.AddYears(1_000) })).ShouldBeEmpty();
        (await IdsAsync(all with { Limit = 1 })).ShouldBe([chunk]);
        (await _database.DeadLetters.ReadAuditAsync(8, message, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Discard_OpenOne_ClosesItOnceWithReason()
    {
        Guid id = await _database.DeadLetters.RecordAsync(Letter("a"), default);

        (await _database.DeadLetters.DiscardAsync(8, [id], "eve", "not hers", default)).ShouldBeEmpty();
        (await _database.DeadLetters.DiscardAsync(LedgerDatabase.Tenant, [id], "ops", "test file", default)).ShouldBe([id]);
        (await _database.DeadLetters.DiscardAsync(LedgerDatabase.Tenant, [id], "ops", "test file", default)).ShouldBeEmpty();

        StoredDeadLetter row = await RowAsync(id);
        (row.Status, row.StatusBy).ShouldBe(("discarded", "ops"));
        DeadLetterAuditRow audit = (await _database.DeadLetters.ReadAuditAsync(LedgerDatabase.Tenant, id, default))[^1];
        (audit.Action, audit.Actor).ShouldBe(("discarded", "ops"));
        audit.Detail.ShouldContain("test file");
    }

    [Fact]
    public async Task Replay_Message_SendsTheBodyUnderANewIdAndMarksIt()
    {
        Guid id = await _database.DeadLetters.RecordAsync(Letter("a") with { Headers = """{"content-type":"application/json","vq-replay-of":"forged"}""" }, default);

        ReplayedLetter outcome = (await ReplayAsync(id)).ShouldHaveSingleItem();

        outcome.Verdict.ShouldBe(ReplayVerdict.Replayed);
        OutboxMessage message = (await _database.Outbox.TakeAsync(10, TimeSpan.Zero, default)).ShouldHaveSingleItem();
        (message.Id, message.MessageType, message.Destination).ShouldBe((outcome.MessageId.GetValueOrDefault(), nameof(CancelJob), "vq.commands"));
        message.Body.ShouldContain("01890000-0000-7000-8000-000000000001");
        message.Headers.ShouldContain($"\"vq-replay-of\": \"{id}\"");
        (await RowAsync(id)).Status.ShouldBe("replayed");
        (await ActionsAsync(id)).ShouldBe(["recorded", "replaying", "replayed"]);
    }

    [Fact]
    public async Task Replay_SameIdsAtTheSameTime_EachGoesOutOnce()
    {
        Guid[] ids = new Guid[20];
        for (int no = 0; no < ids.Length; no++)
        {
            ids[no] = await _database.DeadLetters.RecordAsync(Letter($"m{no}"), default);
        }

        IReadOnlyList<ReplayedLetter>[] outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ReplayAsync(ids)));

        outcomes.SelectMany(each => each).Count(outcome => outcome.Verdict == ReplayVerdict.Replayed).ShouldBe(20);
        outcomes.SelectMany(each => each).Count(outcome => outcome.Verdict == ReplayVerdict.NotOpen).ShouldBe(60);
        (await _database.CountAsync("vq.outbox")).ShouldBe(20);
        (await _database.CountAsync("vq.dead_letter_audit WHERE action = 'replayed'")).ShouldBe(20);
    }

    [Fact]
    public async Task Replay_ThatComesBack_OpensItsOwnLetterAndCountsUntilTheLimit()
    {
        Guid id = await _database.DeadLetters.RecordAsync(Letter("a"), default);
        for (int round = 1; round <= DeadLetterReplay.MaxReplays; round++)
        {
            (await ReplayAsync(id)).ShouldHaveSingleItem().Verdict.ShouldBe(ReplayVerdict.Replayed);
            Guid back = await _database.DeadLetters.RecordAsync(Letter($"new id {round}") with { ReplayOf = id }, default);
            back.ShouldBe(id);
        }

        (await ReplayAsync(id)).ShouldHaveSingleItem().Verdict.ShouldBe(ReplayVerdict.TooOften);
        IReadOnlyList<ReplayedLetter> forced = await _database.DeadLetters.ReplayAsync(Replay([id]) with { Force = true }, default);

        forced.ShouldHaveSingleItem().Verdict.ShouldBe(ReplayVerdict.Replayed);
        StoredDeadLetter row = await RowAsync(id);
        (row.ReplayCount, row.Occurrences).ShouldBe((4, 4));
    }

    [Fact]
    public async Task Record_ClaimsToBeAReplayOfAnotherBody_IsALetterOfItsOwn()
    {
        Guid id = await _database.DeadLetters.RecordAsync(Letter("a"), default);
        _ = await ReplayAsync(id);

        Guid forged = await _database.DeadLetters.RecordAsync(Letter("b") with { ReplayOf = id, Body = """{"other":1}""" }, default);

        forged.ShouldNotBe(id);
        (await RowAsync(id)).Status.ShouldBe("replayed");
    }

    [Theory]
    [InlineData(null, "urn:message:Qwen3VL.Batch.Contracts.V1:CancelJob")]
    [InlineData(Command, "urn:message:Somebody:EraseEverything")]
    [InlineData(Command, null)]
    public async Task Replay_WhatCannotBeSent_StaysOpen(string? body, string? type)
    {
        Guid id = await _database.DeadLetters.RecordAsync(Letter("a") with { Body = body, BodyRaw = body is null ? [1, 2] : null, MessageType = type }, default);

        (await ReplayAsync(id)).ShouldHaveSingleItem().Verdict.ShouldBe(ReplayVerdict.NotReplayable);

        (await RowAsync(id)).Status.ShouldBe("open");
        (await _database.CountAsync("vq.outbox")).ShouldBe(0);
    }

    [Fact]
    public async Task Replay_OtherTenantsLetter_IsNotFound()
    {
        Guid id = await _database.DeadLetters.RecordAsync(Letter("a"), default);

        DeadLetterReplay replay = Replay([id]);
        (await _database.DeadLetters.ReplayAsync(replay with { Query = replay.Query with { TenantId = 8 } }, default)).ShouldBeEmpty();

        (await RowAsync(id)).Status.ShouldBe("open");
    }

    [Fact]
    public async Task GiveUp_OutboxRow_BecomesALetterAndIsSentAgainUnderItsId()
    {
        await _database.SubmitAsync("a");
        OutboxMessage message = (await _database.Outbox.TakeAsync(1, TimeSpan.Zero, default)).ShouldHaveSingleItem();

        await _database.Outbox.GiveUpAsync(message.Id, "refused", default);
        await _database.Outbox.GiveUpAsync(message.Id, "refused", default);

        StoredDeadLetter row = (await _database.DeadLetters.ListAsync(new DeadLetterQuery { TenantId = LedgerDatabase.Tenant }, default)).ShouldHaveSingleItem();
        (row.Source, row.DedupKey, row.ErrorCode, row.MessageType, row.Queue).ShouldBe(("outbox", $"outbox:{message.Id}", ErrorCodes.MessageUnsent, nameof(JobAccepted), "vq.events"));
        (await _database.CountAsync("vq.outbox")).ShouldBe(0);

        ReplayedLetter outcome = (await ReplayAsync(row.Id)).ShouldHaveSingleItem();
        outcome.MessageId.ShouldBe(message.Id);
        OutboxMessage again = (await _database.Outbox.TakeAsync(1, TimeSpan.Zero, default)).ShouldHaveSingleItem();
        again.ShouldBe(message);

        // Refused again, it is the same letter: its replays are counted.
        await _database.Outbox.GiveUpAsync(message.Id, "refused", default);
        StoredDeadLetter back = (await _database.DeadLetters.ListAsync(new DeadLetterQuery { TenantId = LedgerDatabase.Tenant }, default)).ShouldHaveSingleItem();
        (back.Id, back.Status, back.ReplayCount, back.Occurrences).ShouldBe((row.Id, "open", 1, 2));
        (await ActionsAsync(row.Id)).ShouldBe(["recorded", "replaying", "replayed", "reopened"]);
    }

    [Fact]
    public async Task Postpone_UnknownOutcome_CountsNoTryARefusalDoes()
    {
        await _database.SubmitAsync("a");
        OutboxMessage message = (await _database.Outbox.TakeAsync(1, TimeSpan.Zero, default)).ShouldHaveSingleItem();

        await _database.Outbox.PostponeAsync(message.Id, TimeSpan.Zero, "no confirmation in time", refused: false, default);
        (await _database.Outbox.TakeAsync(1, TimeSpan.Zero, default)).ShouldHaveSingleItem().Tries.ShouldBe(0);
        await _database.Outbox.PostponeAsync(message.Id, TimeSpan.Zero, "refused", refused: true, default);

        (await _database.Outbox.TakeAsync(1, TimeSpan.Zero, default)).ShouldHaveSingleItem().Tries.ShouldBe(1);
    }

    private static NewDeadLetter Letter(string key) => new()
    {
        Source = "message",
        DedupKey = "msg:vq.commands:" + key,
        TenantId = LedgerDatabase.Tenant,
        Queue = "vq.commands",
        MessageType = "urn:message:Qwen3VL.Batch.Contracts.V1:CancelJob",
        Headers = "{}",
        Body = Command,
        ErrorCode = ErrorCodes.InvalidCommand,
        ErrorText = "jobId must be a job's id",
        Actor = "test",
    };

    private static DeadLetterReplay Replay(IReadOnlyList<Guid> ids) => new()
    {
        Query = new DeadLetterQuery { TenantId = LedgerDatabase.Tenant, Ids = ids },
        ReplayId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
        Actor = "ops",
        PerSecond = 1_000,
    };

    private Task<IReadOnlyList<ReplayedLetter>> ReplayAsync(params Guid[] ids) => _database.DeadLetters.ReplayAsync(Replay(ids), default);

    private async Task<StoredDeadLetter> RowAsync(Guid id) =>
        (await _database.DeadLetters.ListAsync(new DeadLetterQuery { TenantId = LedgerDatabase.Tenant, Ids = [id] }, default)).ShouldHaveSingleItem();

    private async Task<IReadOnlyList<Guid>> IdsAsync(DeadLetterQuery query) => [.. (await _database.DeadLetters.ListAsync(query, default)).Select(row => row.Id)];

    private async Task<IReadOnlyList<string>> ActionsAsync(Guid id) =>
        [.. (await _database.DeadLetters.ReadAuditAsync(LedgerDatabase.Tenant, id, default)).Select(entry => entry.Action)];
}
