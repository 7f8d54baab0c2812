using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.TestKit;
using RabbitMQ.Client;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Messaging;

/// <summary>What the broker or the client library does to a worker that did nothing wrong. One broker; each test leaves it as it was.</summary>
public sealed class BrokerFaultTests(BrokerFixture broker) : IClassFixture<BrokerFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Alarm_OfTheDisk_IsSeenAndEventsComeAfterIt()
    {
        await using EventSubscriber subscriber = await EventSubscriber.StartAsync(broker.Options, "test.alarm");
        var status = broker.Services.GetRequiredService<BrokerStatus>();
        BatchMetrics metrics = broker.Services.GetRequiredService<BatchMetrics>();
        await broker.Server.ControlAsync("set_disk_free_limit", "900GB");
        await Eventually.TrueAsync(() => Task.FromResult(status.Blocked && metrics.BrokerBlocked), Patience, "the alarm");
        Guid id = broker.Outbox.Add("JobSucceeded", """{"jobId":"01890000-0000-7000-8000-000000000001"}""");
        broker.WakeUp.EventsCommitted();
        await Eventually.TrueAsync(() => Task.FromResult(broker.Outbox.Held.Contains(id)), Patience, "a longer hold while the sending waits");

        await broker.Server.ControlAsync("set_disk_free_limit", "50MB");
        await Eventually.TrueAsync(() => Task.FromResult(status is { Blocked: false, Connected: true } && !metrics.BrokerBlocked), Patience, "the end of the alarm");

        await Eventually.TrueAsync(() => Task.FromResult(subscriber.Received.Any(message => message.MessageId == id.ToString())), Patience, "the event");
        await Eventually.TrueAsync(() => Task.FromResult(broker.Outbox.Count == 0), Patience, "an empty outbox");
        broker.Outbox.GivenUp.ShouldBeEmpty();
    }

    [Fact]
    public async Task ConsumerTimeout_HandlerBehindALock_EndpointConsumesAgainAndTheCommandCountsOnce()
    {
        // The broker reads both when a channel is opened: three seconds instead of half an hour, looked at twice a second.
        await broker.Server.ControlAsync("eval", "application:set_env(rabbit, consumer_timeout, 3000), application:set_env(rabbit, channel_tick_interval, 500).");
        await broker.StopHostAsync();
        using IHost host = broker.BuildHost();
        await BrokerFixture.StartAsync(host);
        int calls = 0;
        broker.Ledger.BeforeSubmitAsync = token => Interlocked.Increment(ref calls) == 1 ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token) : Task.CompletedTask;
        await using CommandClient client = await CommandClient.ConnectAsync(broker.Options, TimeProvider.System, CancellationToken.None);

        await client.SendAsync(Command("behind a lock"), CancellationToken.None);
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref calls) >= 2), Patience, "the second delivery");
        await client.SendAsync(Command("after it"), CancellationToken.None);

        await Eventually.TrueAsync(() => Task.FromResult(broker.Ledger.Submitted.Any(command => command.IdempotencyKey == "after it")), Patience, "the next command");
        broker.Ledger.Submitted.Count(command => command.IdempotencyKey == "behind a lock").ShouldBe(1);
        broker.Ledger.BeforeSubmitAsync = _ => Task.CompletedTask;
        await broker.Server.ControlAsync("eval", "application:set_env(rabbit, consumer_timeout, 1800000), application:set_env(rabbit, channel_tick_interval, 60000).");
        await host.StopAsync();
        await broker.StartHostAsync();
    }

    [Fact]
    public async Task Endpoint_GoneForGoodWhileTheBrokerAnswers_ProcessEndsWithOne()
    {
        await broker.StopHostAsync();
        using IHost host = broker.BuildHost(
            options => options,
            services => services.AddSingleton(new BrokerWatchOptions { Interval = TimeSpan.FromMilliseconds(100), LostAfter = TimeSpan.FromSeconds(1) }));
        await BrokerFixture.StartAsync(host);
        var status = host.Services.GetRequiredService<BrokerStatus>();
        await Eventually.TrueAsync(() => Task.FromResult(status.Connected && status.Unheard == TimeSpan.Zero), Patience, "a consumer");
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);

        // What a client library that lost its consumer looks like from outside.
        await host.Services.GetRequiredService<IBusControl>().StopAsync(CancellationToken.None);

        await stopping.Task.WaitAsync(Patience);
        host.Services.GetRequiredService<ProcessExit>().Code.ShouldBe(1);
        status.EndpointLost.ShouldBeTrue();
        await host.StopAsync();
        await broker.StartHostAsync();
    }

    [Fact]
    public async Task Watch_BrokerRestarts_StatusFollows()
    {
        var status = broker.Services.GetRequiredService<BrokerStatus>();
        await Eventually.TrueAsync(() => Task.FromResult(status.Connected && status.Unheard == TimeSpan.Zero), Patience, "a consumer");

        await broker.Server.StopAsync();
        await Eventually.TrueAsync(() => Task.FromResult(!status.Connected), Patience, "the broker away");
        status.EndpointLost.ShouldBeFalse();
        await broker.Server.StartAgainAsync();

        await Eventually.TrueAsync(() => Task.FromResult(status.Connected && status.Unheard == TimeSpan.Zero), Patience, "a consumer again");
    }

    [Fact]
    public async Task Inspect_WhatIsThereMissingAndDifferent_IsTold()
    {
        await using IConnection connection = await BrokerConnection.OpenAsync(broker.Options, "test", CancellationToken.None);
        IReadOnlyList<TopologyEntry> all = [];
        await Eventually.TrueAsync(
            async () =>
            {
                all = await TopologyInspector.InspectAsync(connection, CancellationToken.None);
                return all.Where(entry => entry.Kind == "queue").All(entry => entry.Consumers >= 1 && entry.Messages == 0);
            },
            Patience,
            "a consumer at each queue");
        all.ShouldAllBe(entry => entry.State == TopologyState.Declared);

        // A virtual host of its own: nobody declares there again.
        await broker.Server.ControlAsync("add_vhost", "other");
        await broker.Server.ControlAsync("set_permissions", "-p", "other", broker.Options.User, ".*", ".*", ".*");
        await using IConnection other = await BrokerConnection.OpenAsync(broker.Options with { VirtualHost = "other" }, "test", CancellationToken.None);
        (await TopologyInspector.InspectAsync(other, CancellationToken.None)).ShouldAllBe(entry => entry.State == TopologyState.Missing);
        await using (IChannel channel = await other.CreateChannelAsync())
        {
            await channel.ExchangeDeclareAsync(BrokerNames.Events, ExchangeType.Fanout, durable: true);
            _ = await channel.QueueDeclareAsync(BrokerNames.Commands, durable: true, exclusive: false, autoDelete: false);
        }

        IReadOnlyList<TopologyEntry> mixed = await TopologyInspector.InspectAsync(other, CancellationToken.None);
        mixed.Where(entry => entry.State == TopologyState.Differs).Select(entry => (entry.Kind, entry.Name))
            .ShouldBe([("exchange", BrokerNames.Events), ("queue", BrokerNames.Commands)]);
        mixed.Count(entry => entry.State == TopologyState.Missing).ShouldBe(5);
    }

    private static SubmitJob Command(string key) => new()
    {
        IdempotencyKey = key,
        Kind = JobKind.Document,
        Source = new JobSource { Uri = "a.pdf" },
        Tasks = [new JobTask { Kind = JobTaskKind.Ocr }],
    };
}
