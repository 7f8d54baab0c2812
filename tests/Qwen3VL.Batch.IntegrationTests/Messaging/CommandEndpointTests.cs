using System.Text;
using Npgsql;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Storage;
using Qwen3VL.TestKit;
using RabbitMQ.Client;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Messaging;

public sealed class CommandEndpointTests(BrokerFixture broker) : IClassFixture<BrokerFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Send_GoodCommand_ReachesTheLedgerAsSent()
    {
        SubmitJob command = Command("good") with
        {
            TenantId = 3,
            Options = new JobOptions { Dpi = 100, Temperature = 0.5 },
            DeadlineAt = new DateTimeOffset(2099, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)),
        };
        await using CommandClient client = await CommandClient.ConnectAsync(broker.Options, TimeProvider.System, CancellationToken.None);

        await client.SendAsync(command, CancellationToken.None);

        SubmitJob received = await SubmittedAsync("good");
        received.Options.ShouldBe(command.Options);
        received.DeadlineAt.ShouldBe(command.DeadlineAt);
        received.Tasks.Single().Kind.ShouldBe(JobTaskKind.Ocr);
        received.TenantId.ShouldBe(3);
    }

    [Fact]
    public async Task Send_RawJsonFromAnotherLanguage_ReachesTheLedger()
    {
        await PublishAsync(
            "SubmitJob",
            """{"idempotencyKey":"raw","kind":"video","source":{"uri":"a.mp4"},"tasks":[{"kind":"events"}],"fieldOfTheFuture":1}""");

        SubmitJob received = await SubmittedAsync("raw");
        received.Kind.ShouldBe(JobKind.Video);
        received.Priority.ShouldBe(5);
    }

    [Fact]
    public async Task Send_WrongValues_RejectsWithEveryProblem()
    {
        await using CommandClient client = await CommandClient.ConnectAsync(broker.Options, TimeProvider.System, CancellationToken.None);

        await client.SendAsync(Command("wrong") with { Priority = 12, Options = new JobOptions { Dpi = 1 } }, CancellationToken.None);

        (SubmitJob Command, JobError Error) rejected = await Eventually.SeeAsync(
            () => Task.FromResult(broker.Ledger.Rejected.FirstOrDefault(entry => entry.Command.IdempotencyKey == "wrong")), entry => entry.Command is not null, Patience, "the rejection");
        rejected.Error.Code.ShouldBe(ErrorCodes.InvalidCommand);
        rejected.Error.Message.ShouldContain("priority must be 0..9; got 12");
        rejected.Error.Message.ShouldContain("options.dpi must be 36..600; got 1");
    }

    [Theory]
    [InlineData("SubmitJob", """{"idempotencyKey":"no-kind"}""", "command_unreadable")]
    [InlineData("SubmitJob", """{"idempotencyKey":"bad-kind","kind":"song","source":{"uri":"a"},"tasks":[]}""", "command_unreadable")]
    [InlineData("SubmitJob", "not json", "command_unreadable")]
    [InlineData("EraseEverything", "{}", "command_unknown")]
    [InlineData("CancelJob", """{"jobId":"00000000-0000-0000-0000-000000000000"}""", "invalid_command")]
    [InlineData("SetJobPriority", """{"jobId":"00000000-0000-0000-0000-000000000001","priority":11}""", "invalid_command")]
    [InlineData("ReplayDeadLetters", """{"replayId":"00000000-0000-0000-0000-000000000001","requestedBy":"me"}""", "invalid_command")]
    [InlineData("ReplayDeadLetters", """{"replayId":"00000000-0000-0000-0000-000000000001","requestedBy":"me","filter":{"source":"song"}}""", "command_unreadable")]
    public async Task Send_UnreadableCommand_BecomesADeadLetterWithItsBody(string type, string body, string code)
    {
        await PublishAsync(type, body);

        NewDeadLetter dead = await DeadAsync(body);
        dead.ErrorCode.ShouldBe(code);
        dead.MessageType.ShouldBe("urn:message:Qwen3VL.Batch.Contracts.V1:" + type);
        dead.Queue.ShouldBe(BrokerNames.Commands);
    }

    [Fact]
    public async Task Send_SubmitThatBecomesADeadLetter_TellsItsSender()
    {
        await PublishAsync("SubmitJob", """{"tenantId":4,"idempotencyKey":"dead-but-told","kind":"song"}""");

        (SubmitJob Command, JobError Error) rejected = await Eventually.SeeAsync(
            () => Task.FromResult(broker.Ledger.Rejected.FirstOrDefault(entry => entry.Command.IdempotencyKey == "dead-but-told")), entry => entry.Command is not null, Patience, "the rejection");
        rejected.Command.TenantId.ShouldBe(4);
        rejected.Error.Code.ShouldBe(ErrorCodes.InvalidCommand);
    }

    [Fact]
    public async Task Send_LedgerFailsWithALongText_DeadLetterIsSmallAndTheEndpointLives()
    {
        broker.Ledger.BeforeSubmit = () => throw new InvalidOperationException(new string('x', 300_000));
        await PublishAsync("SubmitJob", Json("long-text"));

        NewDeadLetter dead = await DeadAsync(Json("long-text"));
        broker.Ledger.BeforeSubmit = () => { };
        await PublishAsync("SubmitJob", Json("after-long-text"));

        dead.ErrorCode.ShouldBe(ErrorCodes.Internal);
        dead.ErrorText.ShouldNotBeNull().ShouldNotContain("xxx");
        _ = await SubmittedAsync("after-long-text");
    }

    [Fact]
    public async Task Send_DatabaseAwayForAMoment_IsRecordedLater()
    {
        int failures = 5;
        broker.Ledger.BeforeSubmit = () =>
        {
            if (Interlocked.Decrement(ref failures) >= 0)
            {
                throw new NpgsqlException("away", new IOException());
            }
        };
        await PublishAsync("SubmitJob", Json("away"));

        _ = await SubmittedAsync("away");
        broker.Ledger.BeforeSubmit = () => { };
    }

    [Fact]
    public async Task Stop_WhileCommandsWaitForTheDatabase_CommandsStayInTheQueue()
    {
        bool away = true;
        broker.Ledger.BeforeSubmit = () =>
        {
            if (Volatile.Read(ref away))
            {
                throw new PostgresException("relation does not exist", "ERROR", "ERROR", "42P01");
            }
        };
        using Microsoft.Extensions.Hosting.IHost other = broker.BuildHost();
        await other.StartAsync();
        string[] keys = [.. Enumerable.Range(0, 8).Select(i => $"stop-{i}")];
        foreach (string key in keys)
        {
            await PublishAsync("SubmitJob", Json(key));
        }

        // Nothing is left to be delivered: both workers hold commands.
        await Eventually.TrueAsync(async () => await CountAsync(BrokerNames.Commands) == 0, Patience, "all commands in hand");
        await other.StopAsync();
        Volatile.Write(ref away, false);

        foreach (string key in keys)
        {
            _ = await SubmittedAsync(key);
        }

        broker.DeadLetters.Recorded.ShouldNotContain(letter => letter.Body != null && letter.Body.Contains("stop-", StringComparison.Ordinal));
        broker.Ledger.BeforeSubmit = () => { };
    }

    [Fact]
    public async Task Send_Cancel_ReachesTheLedger()
    {
        Guid jobId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        await using CommandClient client = await CommandClient.ConnectAsync(broker.Options, TimeProvider.System, CancellationToken.None);

        await client.SendAsync(new CancelJob { JobId = jobId }, CancellationToken.None);

        await Eventually.TrueAsync(() => Task.FromResult(broker.Ledger.Cancelled.Contains(jobId)), Patience, "the cancel");
    }

    [Fact]
    public async Task Send_Priority_ReachesTheLedger()
    {
        Guid jobId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        await using CommandClient client = await CommandClient.ConnectAsync(broker.Options, TimeProvider.System, CancellationToken.None);

        await client.SendAsync(new SetJobPriority { TenantId = 3, JobId = jobId, Priority = 9 }, CancellationToken.None);

        await Eventually.TrueAsync(() => Task.FromResult(broker.Ledger.Moved.Contains((3, jobId, 9))), Patience, "the change");
    }

    [Fact]
    public async Task Send_Replay_ReachesTheDeadLettersAsSent()
    {
        Guid replayId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        await using CommandClient client = await CommandClient.ConnectAsync(broker.Options, TimeProvider.System, CancellationToken.None);

        await client.SendAsync(
            new ReplayDeadLetters
            {
                TenantId = 3,
                ReplayId = replayId,
                RequestedBy = "night shift",
                Filter = new DeadLetterFilter { Code = "decode_failed", Source = DeadLetterSource.Chunk },
                Changes = new ReplayChanges { Dpi = 300 },
            },
            CancellationToken.None);

        DeadLetterReplay replay = await Eventually.SeeAsync(
            () => Task.FromResult(broker.DeadLetters.Replays.FirstOrDefault(replay => replay.ReplayId == replayId)!), replay => replay is not null, Patience, "the replay");
        (replay.Query.TenantId, replay.Query.Code, replay.Query.Source, replay.Query.Ids).ShouldBe((3, "decode_failed", DeadLetterSource.Chunk, null));
        (replay.Actor, replay.Changes.Dpi, replay.DryRun, replay.Force).ShouldBe(("night shift", 300, false, false));
    }

    [Fact]
    public async Task Send_CommandAboveTheLimit_IsRefusedAtBothEnds()
    {
        await using CommandClient client = await CommandClient.ConnectAsync(broker.Options, TimeProvider.System, CancellationToken.None);
        InvalidCommandException exception = await Should.ThrowAsync<InvalidCommandException>(() => client.SendAsync(
            Command("large") with { Source = new JobSource { Uri = new string('a', 70_000) } }, CancellationToken.None));
        exception.Message.ShouldContain("at most 65536 bytes");

        string body = $$"""{"tenantId":4,"idempotencyKey":"large","padding":"{{new string('a', 70_000)}}"}""";
        await PublishAsync("SubmitJob", body);

        (await DeadAsync(body)).ErrorCode.ShouldBe(ErrorCodes.CommandTooLarge);
        (SubmitJob Command, JobError Error) rejected = await Eventually.SeeAsync(
            () => Task.FromResult(broker.Ledger.Rejected.FirstOrDefault(entry => entry.Command.IdempotencyKey == "large")), entry => entry.Command is not null, Patience, "the rejection");
        (rejected.Command.TenantId, rejected.Error.Code).ShouldBe((4, ErrorCodes.CommandTooLarge));
    }

    [Fact]
    public async Task Connect_WrongPassword_SaysSo()
    {
        BrokerException exception = await Should.ThrowAsync<BrokerException>(
            () => CommandClient.ConnectAsync(broker.Options with { Password = "guess" }, TimeProvider.System, CancellationToken.None));

        exception.Message.ShouldContain("Broker:User and Broker:Password");
        exception.Message.ShouldNotContain("guess");
    }

    [Fact]
    public async Task Connect_NobodyListens_SaysWhere()
    {
        BrokerException exception = await Should.ThrowAsync<BrokerException>(
            () => CommandClient.ConnectAsync(broker.Options with { Port = 1 }, TimeProvider.System, CancellationToken.None));

        exception.Message.ShouldContain("127.0.0.1:1");
    }

    [Fact]
    public async Task Connect_NoSuchVirtualHost_SaysSo()
    {
        BrokerException exception = await Should.ThrowAsync<BrokerException>(
            () => CommandClient.ConnectAsync(broker.Options with { VirtualHost = "nowhere" }, TimeProvider.System, CancellationToken.None));

        exception.Message.ShouldContain("nowhere");
    }

    [Fact]
    public async Task Relay_CommittedEvents_AreSentOnceWithTheirIds()
    {
        await using EventSubscriber subscriber = await EventSubscriber.StartAsync(broker.Options, "test.relay");
        string body = """{"jobId":"01890000-0000-7000-8000-000000000001","totalChunks":1}""";
        Guid[] ids = [.. Enumerable.Range(0, 250).Select(_ => broker.Outbox.Add("JobSucceeded", body))];
        broker.WakeUp.EventsCommitted();

        await Eventually.TrueAsync(() => Task.FromResult(broker.Outbox.Count == 0), Patience, "an empty outbox");
        await Eventually.TrueAsync(() => Task.FromResult(subscriber.Received.Count >= ids.Length), Patience, "all deliveries");

        subscriber.Received.Select(message => Guid.Parse(message.MessageId.ShouldNotBeNull())).Order().ShouldBe(ids.Order());
        subscriber.Received.ShouldAllBe(message => message.RoutingKey == "job.succeeded" && message.Body == body
            && message.Type == "urn:message:Qwen3VL.Batch.Contracts.V1:JobSucceeded");
    }

    [Fact]
    public async Task WorkCreated_InOneWorker_WakesAnother()
    {
        using Microsoft.Extensions.Hosting.IHost other = broker.BuildHost();
        await other.StartAsync();
        WakeUp heard = (WakeUp)other.Services.GetService(typeof(WakeUp))!; // registered by AddMessaging

        // The other worker's queue may not be bound at the first hint.
        await Eventually.TrueAsync(
            () =>
            {
                broker.WakeUp.WorkCreated();
                return heard.Work.WaitAsync(TimeSpan.FromMilliseconds(500), TimeProvider.System, CancellationToken.None);
            },
            Patience,
            "the wake-up");
        await other.StopAsync();
    }

    private static SubmitJob Command(string key) => new()
    {
        IdempotencyKey = key,
        Kind = JobKind.Document,
        Source = new JobSource { Uri = "a.pdf" },
        Tasks = [new JobTask { Kind = JobTaskKind.Ocr }],
    };

    private static string Json(string key) => $$"""{"idempotencyKey":"{{key}}","kind":"document","source":{"uri":"a"},"tasks":[{"kind":"ocr"}]}""";

    private Task<SubmitJob> SubmittedAsync(string key) => Eventually.SeeAsync(
        () => Task.FromResult(broker.Ledger.Submitted.FirstOrDefault(command => command.IdempotencyKey == key)!), command => command is not null, Patience, $"command {key}");

    private async Task PublishAsync(string type, string body)
    {
        await using IConnection connection = await BrokerConnection.OpenAsync(broker.Options, "test", CancellationToken.None);
        await Topology.DeclareAsync(connection, CancellationToken.None);
        await using IChannel channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        var properties = new BasicProperties
        {
            ContentType = "application/json",
            Persistent = true,
            Headers = new Dictionary<string, object?> { ["MT-MessageType"] = "urn:message:Qwen3VL.Batch.Contracts.V1:" + type },
        };
        await channel.BasicPublishAsync(BrokerNames.Commands, "", mandatory: true, properties, Encoding.UTF8.GetBytes(body));
    }

    private async Task<uint> CountAsync(string queue)
    {
        await using IConnection connection = await BrokerConnection.OpenAsync(broker.Options, "test", CancellationToken.None);
        await using IChannel channel = await connection.CreateChannelAsync();
        return await channel.MessageCountAsync(queue);
    }

    private Task<NewDeadLetter> DeadAsync(string body) => Eventually.SeeAsync(
        () => Task.FromResult(broker.DeadLetters.Recorded.FirstOrDefault(letter => (letter.Body ?? Encoding.UTF8.GetString(letter.BodyRaw ?? [])) == body)!),
        letter => letter is not null,
        Patience,
        "the dead letter");
}
