using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Qwen3VL.Batch.Messaging;

/// <summary>
/// Hands deliveries of one queue on in order, and ends when the broker ends them: a queue that was deleted as well as a channel that closed.
/// Owner: whoever consumes with it; the broker's prefetch bounds what waits here.
/// </summary>
internal sealed class QueueReader(IChannel channel) : AsyncDefaultBasicConsumer(channel)
{
    private readonly Channel<(ulong Tag, IReadOnlyBasicProperties Properties, byte[] Body)> _arrived =
        System.Threading.Channels.Channel.CreateUnbounded<(ulong Tag, IReadOnlyBasicProperties Properties, byte[] Body)>();

    /// <summary>The next delivery; null when none came in time.</summary>
    /// <exception cref="BrokerException">The broker ended it.</exception>
    /// <exception cref="OperationCanceledException">The caller's token fired.</exception>
    public async Task<(ulong Tag, IReadOnlyBasicProperties Properties, byte[] Body)?> ReadAsync(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        using var elapsed = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(elapsed.Token, cancellationToken);
        try
        {
            return await _arrived.Reader.ReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (ChannelClosedException exception)
        {
            throw new BrokerException("queue must stay while its messages are read; its consumer ended", exception);
        }
    }

    /// <inheritdoc/>
    public override Task HandleBasicDeliverAsync(
        string consumerTag,
        ulong deliveryTag,
        bool redelivered,
        string exchange,
        string routingKey,
        IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default)
    {
        // Properties and body are the library's, and are gone when this returns.
        _ = _arrived.Writer.TryWrite((deliveryTag, new BasicProperties(properties), body.ToArray()));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason)
    {
        End();
        return base.HandleChannelShutdownAsync(channel, reason);
    }

    /// <inheritdoc/>
    protected override Task OnCancelAsync(string[] consumerTags, CancellationToken cancellationToken = default)
    {
        End();
        return base.OnCancelAsync(consumerTags, cancellationToken);
    }

    private void End() => _arrived.Writer.TryComplete();
}
