using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Qwen3VL.Batch.Messaging;

/// <summary>
/// Looks at what the broker has, with AMQP alone: no management plugin. Changes nothing: only what is there is declared again, to hear whether it
/// is the same. Bindings cannot be listed this way; declaring makes them.
/// </summary>
internal static class TopologyInspector
{
    private static readonly (string Name, string Type)[] Exchanges =
    [
        (BrokerNames.Commands, ExchangeType.Fanout),
        (BrokerNames.Events, ExchangeType.Topic),
        (BrokerNames.Wake, ExchangeType.Fanout),
        (BrokerNames.Control, ExchangeType.Fanout),
        (BrokerNames.Dead, ExchangeType.Fanout),
    ];

    private static readonly (string Name, IReadOnlyDictionary<string, object?> Arguments)[] Queues =
    [
        (BrokerNames.Commands, BrokerNames.CommandQueueArguments),
        (BrokerNames.Dead, BrokerNames.DeadQueueArguments),
    ];

    /// <summary>Everything that this product declares, exchanges first.</summary>
    /// <exception cref="BrokerException">The connection closed.</exception>
    public static async Task<IReadOnlyList<TopologyEntry>> InspectAsync(IConnection connection, CancellationToken cancellationToken)
    {
        List<TopologyEntry> entries = [];
        try
        {
            foreach ((string name, string type) in Exchanges)
            {
                var entry = new TopologyEntry("exchange", name, TopologyState.Declared);
                entries.Add(await LookAsync(connection, entry, SeeAsync, DeclareAsync, cancellationToken).ConfigureAwait(false));

                async Task<TopologyEntry> SeeAsync(IChannel channel)
                {
                    await channel.ExchangeDeclarePassiveAsync(name, cancellationToken).ConfigureAwait(false);
                    return entry;
                }

                Task DeclareAsync(IChannel channel) => channel.ExchangeDeclareAsync(name, type, durable: true, cancellationToken: cancellationToken);
            }

            foreach ((string name, IReadOnlyDictionary<string, object?> arguments) in Queues)
            {
                var entry = new TopologyEntry("queue", name, TopologyState.Declared);
                entries.Add(await LookAsync(connection, entry, SeeAsync, DeclareAsync, cancellationToken).ConfigureAwait(false));

                async Task<TopologyEntry> SeeAsync(IChannel channel)
                {
                    QueueDeclareOk seen = await channel.QueueDeclarePassiveAsync(name, cancellationToken).ConfigureAwait(false);
                    return entry with { Messages = seen.MessageCount, Consumers = seen.ConsumerCount };
                }

                Task DeclareAsync(IChannel channel) => channel.QueueDeclareAsync(
                    name, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>(arguments), cancellationToken: cancellationToken);
            }
        }
        catch (AlreadyClosedException exception)
        {
            throw new BrokerException("broker must stay connected while it is looked at; the connection closed", exception);
        }

        return entries;
    }

    // A channel for each: the broker closes it when the answer is no.
    private static async Task<TopologyEntry> LookAsync(
        IConnection connection, TopologyEntry entry, Func<IChannel, Task<TopologyEntry>> see, Func<IChannel, Task> declare, CancellationToken cancellationToken)
    {
        IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (channel.ConfigureAwait(false))
        {
            TopologyEntry seen = entry;
            try
            {
                seen = await see(channel).ConfigureAwait(false);
                await declare(channel).ConfigureAwait(false);
                return seen;
            }
            catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
            {
                return entry with { State = TopologyState.Missing };
            }
            catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode is Constants.PreconditionFailed or Constants.ResourceLocked)
            {
                return seen with { State = TopologyState.Differs, Problem = exception.ShutdownReason.ReplyText };
            }
            catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.AccessRefused)
            {
                // A user who may not configure: it is there, and whether it is the same stays unknown.
                return seen with { Problem = exception.ShutdownReason.ReplyText };
            }
        }
    }
}
