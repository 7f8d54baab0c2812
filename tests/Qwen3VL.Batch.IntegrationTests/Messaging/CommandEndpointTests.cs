using System.Text;
using Npgsql;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Messaging;
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
    [InlineData("SubmitJob", """{"idempotencyKey":"no-kind"}""", "JsonException")]
    [InlineData("SubmitJob", """{"idempotencyKey":"bad-kind","kind":"song","source":{"uri":"a"},"tasks":[]}""", "JsonException")]
    [InlineData("SubmitJob", "not json", "JsonReaderException")]
    [InlineData("EraseEverything", "{}", "UnknownMessage")]
    [InlineData("CancelJob", """{"jobId":"00000000-0000-0000-0000-000000000000"}""", "InvalidCommandException")]
    public async Task Send_UnreadableCommand_BecomesADeadLetterWithItsBody(string type, string body, string error)
    {
        await PublishAsync(type, body);

        (string Error, string Body) dead = await TakeDeadAsync();
        dead.Body.ShouldBe(body);
        dead.Error.ShouldBe(error);
    }

    [Fact]
    public async Task Send_SubmitThatBecomesADeadLetter_TellsItsSender()
    {
        await PublishAsync("SubmitJob", """{"tenantId":4,"idempotencyKey":"dead-but-told","kind":"song"}""");

        (SubmitJob Command, JobError Error) rejected = await Eventually.SeeAsync(
            () => Task.FromResult(broker.Ledger.Rejected.FirstOrDefault(entry => entry.Command.IdempotencyKey == "dead-but-told")), entry => entry.Command is not null, Patience, "the rejection");
        rejected.Command.TenantId.ShouldBe(4);
        rejected.Error.Code.ShouldBe(ErrorCodes.InvalidCommand);
        _ = await TakeDeadAsync();
    }

    [Fact]
    public async Task Send_LedgerFailsWithALongText_DeadLetterIsSmallAndTheEndpointLives()
    {
        broker.Ledger.BeforeSubmit = () => throw new InvalidOperationException(new string('x', 300_000));
        await PublishAsync("SubmitJob", Json("long-text"));

        (string Error, string Body) dead = await TakeDeadAsync();
        broker.Ledger.BeforeSubmit = () => { };
        await PublishAsync("SubmitJob", Json("after-long-text"));

        dead.Body.ShouldBe(Json("long-text"));
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

        (await CountAsync(BrokerNames.Dead)).ShouldBe(0u);
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

    private async Task<(string Error, string Body)> TakeDeadAsync()
    {
        await using IConnection connection = await BrokerConnection.OpenAsync(broker.Options, "test", CancellationToken.None);
        await using IChannel channel = await connection.CreateChannelAsync();
        BasicGetResult? dead = await Eventually.SeeAsync(() => channel.BasicGetAsync(BrokerNames.Dead, autoAck: true), found => found is not null, Patience, "a dead letter");
        object? error = dead?.BasicProperties.Headers?["vq-error"];
        return (error is byte[] name ? Encoding.UTF8.GetString(name) : "", Encoding.UTF8.GetString(dead!.Body.Span)); // seen above
    }
}
