using System.Collections.Concurrent;
using System.Text.Json;
using Qwen3VL.Batch.Faults.Ledger;
using Qwen3VL.Batch.Messaging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Qwen3VL.Batch.Faults.Servers;

/// <summary>
/// What another team's service would be: a quorum queue of its own on the events exchange, read with the plain client. Connects again by itself
/// when the broker was away. Every delivery is written to the ledger before it is acknowledged.
/// </summary>
internal sealed class EventWatcher : IAsyncDisposable
{
    /// <summary>Its queue.</summary>
    public const string Queue = "faults.events";

    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(200);

    private readonly BrokerOptions _broker;
    private readonly LedgerFile _ledger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private Task _watching = Task.CompletedTask;

    private EventWatcher(BrokerOptions broker, LedgerFile ledger, TimeProvider time)
    {
        _broker = broker;
        _ledger = ledger;
        _time = time;
    }

    /// <summary>All deliveries in order.</summary>
    public ConcurrentQueue<SeenEvent> Seen { get; } = new();

    /// <summary>Subscribes; every event sent after this is seen.</summary>
    public static async Task<EventWatcher> StartAsync(BrokerOptions broker, LedgerFile ledger, TimeProvider time)
    {
        var watcher = new EventWatcher(broker, ledger, time);
        IConnection first = await watcher.SubscribeAsync(CancellationToken.None);
        watcher._watching = watcher.WatchAsync(first);
        return watcher;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync(IConnection connection)
    {
        while (true)
        {
            await using (connection)
            {
                var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                connection.ConnectionShutdownAsync += (_, _) =>
                {
                    closed.TrySetResult();
                    return Task.CompletedTask;
                };
                if (connection.IsOpen)
                {
                    await Task.WhenAny(closed.Task, Task.Delay(Timeout.InfiniteTimeSpan, _time, _stop.Token));
                }
            }

            if (await SubscribeAgainAsync() is not { } next)
            {
                return;
            }

            connection = next;
        }
    }

    private async Task<IConnection?> SubscribeAgainAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                return await SubscribeAsync(_stop.Token);
            }
            catch (Exception exception) when (exception is BrokerException or OperationInterruptedException or AlreadyClosedException or IOException or OperationCanceledException)
            {
                await Task.WhenAny(Task.Delay(Retry, _time, _stop.Token));
            }
        }

        return null;
    }

    private async Task<IConnection> SubscribeAsync(CancellationToken cancellationToken)
    {
        IConnection connection = await BrokerConnection.OpenAsync(_broker, "fault suite", cancellationToken);
        try
        {
            await Topology.DeclareAsync(connection, cancellationToken);
            IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            var arguments = new Dictionary<string, object?> { ["x-queue-type"] = "quorum" };
            await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
            await channel.QueueBindAsync(Queue, BrokerNames.Events, "#", cancellationToken: cancellationToken);
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += async (_, delivery) =>
            {
                SeenEvent seen = Read(delivery);
                _ledger.Append(new LedgerRecord(LedgerEvent.EventSeen) { Key = seen.MessageId, Job = seen.Job, Note = seen.RoutingKey });
                Seen.Enqueue(seen);
                await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
            };
            await channel.BasicConsumeAsync(Queue, autoAck: false, consumer, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static SeenEvent Read(BasicDeliverEventArgs delivery)
    {
        using var body = JsonDocument.Parse(delivery.Body);
        Guid? job = body.RootElement.TryGetProperty("jobId", out JsonElement id) && id.TryGetGuid(out Guid value) ? value : null;
        return new SeenEvent(delivery.RoutingKey, delivery.BasicProperties.MessageId ?? "", job);
    }
}
