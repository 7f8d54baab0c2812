using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Storage;
using Qwen3VL.TestKit;
using RabbitMQ.Client;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Messaging;

/// <summary>One broker for each test: bindings of one must not route what another wants returned.</summary>
public sealed class OutboxRelayTests : IAsyncLifetime
{
    private const string Body = """{"jobId":"01890000-0000-7000-8000-000000000001"}""";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly BrokerFixture _broker = new();

    public Task InitializeAsync() => _broker.InitializeAsync();

    public Task DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task Relay_NobodySubscribed_DropsTheEventAndKeepsCommands()
    {
        _broker.Outbox.MaxDelay = TimeSpan.FromMilliseconds(20);
        Guid dropped = _broker.Outbox.Add("JobSucceeded", Body);
        _broker.WakeUp.EventsCommitted();

        await Eventually.TrueAsync(() => Task.FromResult(_broker.Outbox.Count == 0), Patience, "an empty outbox");

        _broker.Outbox.GivenUp.ShouldBeEmpty();
        _broker.Outbox.Postponed.ShouldNotContain(entry => entry.Id == dropped && entry.Refused);
    }

    [Fact]
    public async Task Relay_NobodySubscribedAndEventsAreKept_GivesUpAtTheTwentiethTime()
    {
        using IHost keeper = await ReplaceHostAsync(options => options with { UnroutedEvents = UnroutedEvents.Keep });
        _broker.Outbox.MaxDelay = TimeSpan.FromMilliseconds(10);
        Guid id = _broker.Outbox.Add("JobSucceeded", Body);

        await Eventually.TrueAsync(() => Task.FromResult(!_broker.Outbox.GivenUp.IsEmpty), Patience, "giving up");

        _broker.Outbox.GivenUp.ShouldHaveSingleItem().Message.Id.ShouldBe(id);
        _broker.Outbox.Postponed.Count(entry => entry.Id == id && entry.Refused).ShouldBe(19);
        _broker.Outbox.Count.ShouldBe(0);
        await keeper.StopAsync();
    }

    [Fact]
    public async Task Relay_SubscribersQueueIsFull_BacksOffAndOthersGetTheirEvents()
    {
        _broker.Outbox.MaxDelay = TimeSpan.FromMilliseconds(100);
        await using EventSubscriber other = await EventSubscriber.StartAsync(_broker.Options, "test.other");
        await using IConnection connection = await BrokerConnection.OpenAsync(_broker.Options, "test", CancellationToken.None);
        await using IChannel channel = await connection.CreateChannelAsync();
        var full = new Dictionary<string, object?> { ["x-max-length"] = 1, ["x-overflow"] = "reject-publish" };
        _ = await channel.QueueDeclareAsync("test.full", durable: true, exclusive: false, autoDelete: false, full);
        await channel.QueueBindAsync("test.full", BrokerNames.Events, "job.failed");
        _ = _broker.Outbox.Add("JobFailed", Body);
        await Eventually.TrueAsync(() => Task.FromResult(_broker.Outbox.Count == 0), Patience, "the first event sent");

        Guid refused = _broker.Outbox.Add("JobFailed", Body);
        await Eventually.TrueAsync(() => Task.FromResult(_broker.Outbox.Postponed.Any(entry => entry.Id == refused && entry.Refused)), Patience, "a refusal");
        Guid good = _broker.Outbox.Add("JobSucceeded", Body);
        _broker.WakeUp.EventsCommitted();
        await Eventually.TrueAsync(() => Task.FromResult(other.Received.Any(message => message.MessageId == good.ToString())), Patience, "the other event");

        _ = await channel.QueuePurgeAsync("test.full");
        await Eventually.TrueAsync(() => Task.FromResult(_broker.Outbox.Count == 0), Patience, "the refused event sent");
        _broker.Outbox.GivenUp.ShouldBeEmpty();
    }

    [Fact]
    public async Task Relay_ReplayedCommand_ReachesTheLedgerWithItsHeaders()
    {
        Guid dead = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        string good = """{"idempotencyKey":"again","kind":"document","source":{"uri":"a"},"tasks":[{"kind":"ocr"}]}""";
        _ = _broker.Outbox.Add("SubmitJob", good, BrokerNames.Commands, $$"""{"vq-replay-of":"{{dead}}","content-type":"application/json"}""");
        string bad = """{"idempotencyKey":"still-bad","kind":"song"}""";
        _ = _broker.Outbox.Add("SubmitJob", bad, BrokerNames.Commands, $$"""{"vq-replay-of":"{{dead}}"}""");
        _broker.WakeUp.EventsCommitted();

        SubmitJob received = await Eventually.SeeAsync(
            () => Task.FromResult(_broker.Ledger.Submitted.FirstOrDefault()!), command => command is not null, Patience, "the command");
        NewDeadLetter letter = await Eventually.SeeAsync(
            () => Task.FromResult(_broker.DeadLetters.Recorded.FirstOrDefault()!), seen => seen is not null, Patience, "the dead letter");

        received.IdempotencyKey.ShouldBe("again");
        (letter.ReplayOf, letter.Body).ShouldBe((dead, bad));
    }

    [Fact]
    public async Task Relay_MessageThatFitsNoFrame_IsGivenUpAndHoldsNobodyUp()
    {
        _broker.Outbox.MaxDelay = TimeSpan.FromMilliseconds(10);
        string tooLong = new('\uFFFD', 255);
        Guid bad = _broker.Outbox.Add("JobSucceeded", Body, headers: $$"""{"content-type":"{{tooLong}}"}""");
        _ = _broker.Outbox.Add("JobSucceeded", Body);

        await Eventually.TrueAsync(() => Task.FromResult(_broker.Outbox.Count == 0), Patience, "an empty outbox");

        _broker.Outbox.GivenUp.ShouldHaveSingleItem().Message.Id.ShouldBe(bad);
    }

    [Fact]
    public async Task Relay_UnknownExchange_IsRefusedAndNotMade()
    {
        _broker.Outbox.MaxDelay = TimeSpan.FromMilliseconds(10);
        _ = _broker.Outbox.Add("JobSucceeded", Body, "vq.elsewhere");

        await Eventually.TrueAsync(() => Task.FromResult(!_broker.Outbox.GivenUp.IsEmpty), Patience, "giving up");

        await using IConnection connection = await BrokerConnection.OpenAsync(_broker.Options, "test", CancellationToken.None);
        await using IChannel channel = await connection.CreateChannelAsync();
        _ = await Should.ThrowAsync<RabbitMQ.Client.Exceptions.OperationInterruptedException>(() => channel.ExchangeDeclarePassiveAsync("vq.elsewhere"));
    }

    [Fact]
    public async Task Relay_ExchangeDeletedAtRunTime_IsDeclaredAgainAndEventsGoOn()
    {
        await using EventSubscriber subscriber = await EventSubscriber.StartAsync(_broker.Options, "test.events");
        _ = _broker.Outbox.Add("JobAccepted", Body);
        await Eventually.TrueAsync(() => Task.FromResult(!subscriber.Received.IsEmpty), Patience, "the first event");
        await DeleteAsync(channel => channel.ExchangeDeleteAsync(BrokerNames.Events));

        await Eventually.TrueAsync(() => ExistsAsync(channel => channel.ExchangeDeclarePassiveAsync(BrokerNames.Events)), Patience, "the exchange");
        await subscriber.ConnectAsync();
        Guid next = _broker.Outbox.Add("JobSucceeded", Body);
        _broker.WakeUp.EventsCommitted();

        await Eventually.TrueAsync(() => Task.FromResult(subscriber.Received.Any(message => message.MessageId == next.ToString())), Patience, "the next event");
    }

    [Fact]
    public async Task Watch_CommandQueueDeletedAtRunTime_IsDeclaredAgainAndConsumed()
    {
        // Not within the moment of the deletion: a new queue of the name would hide from the old one's consumer that it is gone.
        using IHost host = await ReplaceHostAsync(
            options => options, services => services.AddSingleton(new BrokerWatchOptions { Interval = TimeSpan.FromSeconds(5) }));
        await DeleteAsync(channel => channel.QueueDeleteAsync(BrokerNames.Commands, ifUnused: false, ifEmpty: false));

        _ = await Eventually.SeeAsync(ConsumersAsync, count => count > 0, Patience, "a consumer");
        await using CommandClient client = await CommandClient.ConnectAsync(_broker.Options, TimeProvider.System, CancellationToken.None);
        await client.SendAsync(new CancelJob { JobId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()) }, CancellationToken.None);

        await Eventually.TrueAsync(() => Task.FromResult(!_broker.Ledger.Cancelled.IsEmpty), Patience, "the command");
        await host.StopAsync();
    }

    private async Task<uint> ConsumersAsync()
    {
        try
        {
            await using IConnection connection = await BrokerConnection.OpenAsync(_broker.Options, "test", CancellationToken.None);
            await using IChannel channel = await connection.CreateChannelAsync();
            return await channel.ConsumerCountAsync(BrokerNames.Commands);
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return 0;
        }
    }

    private async Task DeleteAsync(Func<IChannel, Task> delete)
    {
        await using IConnection connection = await BrokerConnection.OpenAsync(_broker.Options, "test", CancellationToken.None);
        await using IChannel channel = await connection.CreateChannelAsync();
        await delete(channel);
    }

    private async Task<bool> ExistsAsync(Func<IChannel, Task> look)
    {
        try
        {
            await DeleteAsync(look);
            return true;
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return false;
        }
    }

    // The fixture's own worker would drop what this one is to keep.
    private async Task<IHost> ReplaceHostAsync(Func<BrokerOptions, BrokerOptions> change, Action<IServiceCollection>? more = null)
    {
        await _broker.StopHostAsync();
        IHost host = _broker.BuildHost(change, more ?? (_ => { }));
        await BrokerFixture.StartAsync(host);
        return host;
    }
}
