using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Qwen3VL.Batch.Messaging;

/// <summary>
/// Declares the durable exchanges and queues. Safe to repeat; done by every worker at start and by every client before it sends, because a
/// message to an exchange without a queue is lost without an error.
/// <code>
/// client -> vq.commands (fanout) -> vq.commands (quorum) -> a worker
///                                        | not handled 20 times
///                                        v
///                                   vq.dead (fanout) -> vq.dead (quorum)
/// worker -> vq.events (topic)  -> queues of subscribers
/// worker -> vq.wake, vq.control (fanout) -> two exclusive queues per worker, declared by the worker
/// </code>
/// </summary>
internal static class Topology
{
    /// <summary>Declares everything on a connection.</summary>
    /// <exception cref="BrokerException">Something of that name exists with other arguments.</exception>
    public static async Task DeclareAsync(IConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            await using (channel.ConfigureAwait(false))
            {
                await DeclarePairAsync(channel, BrokerNames.Dead, BrokerNames.DeadQueueArguments, cancellationToken).ConfigureAwait(false);
                await DeclarePairAsync(channel, BrokerNames.Commands, BrokerNames.CommandQueueArguments, cancellationToken).ConfigureAwait(false);
                await channel.ExchangeDeclareAsync(BrokerNames.Events, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken).ConfigureAwait(false);
                await channel.ExchangeDeclareAsync(BrokerNames.Wake, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken).ConfigureAwait(false);
                await channel.ExchangeDeclareAsync(BrokerNames.Control, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken).ConfigureAwait(false);
            }
        }
        catch (AlreadyClosedException exception)
        {
            throw new BrokerException("broker must stay connected while queues are declared; the connection closed", exception);
        }
        catch (OperationInterruptedException exception)
        {
            throw new BrokerException($"queues and exchanges vq.* must be those of this product or not exist; the broker answered: {exception.ShutdownReason?.ReplyText}", exception);
        }
    }

    private static async Task DeclarePairAsync(IChannel channel, string name, IReadOnlyDictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeclareAsync(name, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken).ConfigureAwait(false);
        _ = await channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>(arguments), cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.QueueBindAsync(name, name, routingKey: "", cancellationToken: cancellationToken).ConfigureAwait(false);
    }
}
