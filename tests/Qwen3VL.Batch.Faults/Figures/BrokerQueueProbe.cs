using System.Diagnostics;
using Qwen3VL.Batch.Faults.Servers;
using Qwen3VL.Batch.Messaging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>A queue over RabbitMQ alone: a quorum queue, persistent messages with confirms, consumers that acknowledge one by one.</summary>
internal static class BrokerQueueProbe
{
    private const string Queue = "reference";
    private const int BodyBytes = 256;
    private const int Prefetch = 32;
    private const int Unconfirmed = 128;

    /// <summary>Messages a second: sent with confirms, and taken and acknowledged.</summary>
    public static async Task<(double Sent, double Taken)> RunAsync(FaultServers servers, int consumers, int messages, CancellationToken cancellationToken)
    {
        BrokerOptions broker = await servers.CreateVirtualHostAsync();
        await using IConnection connection = await BrokerConnection.OpenAsync(broker, "reference", cancellationToken);
        double sent = await SendAsync(connection, messages, cancellationToken);
        long start = Stopwatch.GetTimestamp();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int taken = 0;
        var channels = new List<IChannel>();
        for (int consumer = 0; consumer < consumers; consumer++)
        {
            channels.Add(await ConsumeAsync(connection, () =>
            {
                if (Interlocked.Increment(ref taken) == messages)
                {
                    done.TrySetResult();
                }
            }));
        }

        await done.Task.WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System, cancellationToken);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        foreach (IChannel channel in channels)
        {
            await channel.DisposeAsync();
        }

        return (sent, messages / seconds);
    }

    private static async Task<double> SendAsync(IConnection connection, int messages, CancellationToken cancellationToken)
    {
        var confirms = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        await using IChannel channel = await connection.CreateChannelAsync(confirms, cancellationToken);
        var arguments = new Dictionary<string, object?> { ["x-queue-type"] = "quorum" };
        await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
        var properties = new BasicProperties { Persistent = true };
        byte[] body = new byte[BodyBytes];
        var open = new Queue<Task>();
        long start = Stopwatch.GetTimestamp();
        for (int message = 0; message < messages; message++)
        {
            open.Enqueue(channel.BasicPublishAsync("", Queue, mandatory: true, properties, body, CancellationToken.None).AsTask());
            if (open.Count >= Unconfirmed)
            {
                await open.Dequeue();
            }
        }

        await Task.WhenAll(open);
        return messages / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<IChannel> ConsumeAsync(IConnection connection, Action taken)
    {
        IChannel channel = await connection.CreateChannelAsync();
        await channel.BasicQosAsync(0, Prefetch, global: false);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
            taken();
        };
        await channel.BasicConsumeAsync(Queue, autoAck: false, consumer);
        return channel;
    }
}
