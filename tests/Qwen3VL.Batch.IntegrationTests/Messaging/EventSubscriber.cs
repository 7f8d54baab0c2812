using System.Collections.Concurrent;
using System.Text;
using Qwen3VL.Batch.Messaging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Qwen3VL.Batch.IntegrationTests.Messaging;

/// <summary>What another team's service would be: a quorum queue of its own on the events exchange, read with the plain AMQP client.</summary>
internal sealed class EventSubscriber : IAsyncDisposable
{
    private readonly BrokerOptions _broker;
    private readonly string _queue;
    private IConnection? _connection;

    private EventSubscriber(BrokerOptions broker, string queue)
    {
        _broker = broker;
        _queue = queue;
    }

    /// <summary>Every delivery in order, repeats included: routing key, message id, type header, body.</summary>
    public ConcurrentQueue<(string RoutingKey, string? MessageId, string? Type, string Body)> Received { get; } = new();

    public static async Task<EventSubscriber> StartAsync(BrokerOptions broker, string queue)
    {
        var subscriber = new EventSubscriber(broker, queue);
        await subscriber.ConnectAsync();
        return subscriber;
    }

    /// <summary>Connects, also again after the broker was away.</summary>
    public async Task ConnectAsync()
    {
        await DisposeAsync();
        _connection = await BrokerConnection.OpenAsync(_broker, "subscriber", CancellationToken.None);
        await Topology.DeclareAsync(_connection, CancellationToken.None);
        IChannel channel = await _connection.CreateChannelAsync();
        await channel.QueueDeclareAsync(_queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        await channel.QueueBindAsync(_queue, BrokerNames.Events, "job.#");
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            Received.Enqueue((
                delivery.RoutingKey,
                delivery.BasicProperties.MessageId,
                delivery.BasicProperties.Headers?.TryGetValue(BrokerNames.MessageTypeHeader, out object? type) == true && type is byte[] name ? Encoding.UTF8.GetString(name) : null,
                Encoding.UTF8.GetString(delivery.Body.Span)));
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
        };
        await channel.BasicConsumeAsync(_queue, autoAck: false, consumer);
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
            _connection = null;
        }
    }
}
