using System.Text;
using System.Text.Json;
using Qwen3VL.Batch.Storage;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Qwen3VL.Batch.Messaging;

/// <summary>
/// Puts messages of the outbox on the wire, mandatory and confirmed, and says what the broker answered. One connection, opened when it is needed
/// and again after it failed. With the plain client: an event that nobody wants is no error, and must not be logged as one. Safe from any thread.
/// </summary>
internal sealed class OutboxSender(BrokerOptions options) : IAsyncDisposable
{
    // Headers do not fragment: what a row carries stays far below a frame (128 KiB).
    private const int MaxHeaderLength = 500;

    private static readonly TimeSpan AbortLimit = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private Task<IChannel>? _opening;
    private IConnection? _connection;
    private IChannel? _channel;

    /// <summary>Sends one.</summary>
    /// <exception cref="Exception">Nothing is known: no connection, no answer, a channel that closed. Sending it again under the same id is right.</exception>
    public async Task<SendOutcome> SendAsync(OutboxMessage message)
    {
        await Task.Yield();
        if (message.Destination is not (BrokerNames.Events or BrokerNames.Commands))
        {
            return SendOutcome.Refused;
        }

        IChannel channel = await ChannelAsync().ConfigureAwait(false);
        try
        {
            string routingKey = message.Destination == BrokerNames.Events ? BrokerNames.RoutingKey(message.MessageType) : "";
            byte[] body = Encoding.UTF8.GetBytes(message.Body);

            // No token: a publish that is cancelled half-way can leave the channel's confirm counting wrong.
            await channel.BasicPublishAsync(message.Destination, routingKey, mandatory: true, Properties(message), body, CancellationToken.None).ConfigureAwait(false);
            return SendOutcome.Confirmed;
        }
        catch (PublishException exception)
        {
            return exception.IsReturn ? SendOutcome.Unrouted : SendOutcome.Refused;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            // It cannot be put into a frame: no broker ever takes it, so it must not count as unknown.
            return SendOutcome.Refused;
        }
    }

    /// <summary>Gives the connection up: sendings on it that hang never return, and the next one opens another.</summary>
    public Task ResetAsync()
    {
        IConnection? connection;
        lock (_gate)
        {
            connection = _connection;
            (_connection, _channel, _opening) = (null, null, null);
        }

        return CloseAsync(connection);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await ResetAsync().ConfigureAwait(false);

    private static BasicProperties Properties(OutboxMessage message)
    {
        Dictionary<string, string> stored = JsonSerializer.Deserialize<Dictionary<string, string>>(message.Headers) ?? [];
        Dictionary<string, object?> headers = stored
            .Where(header => header.Key != BrokerNames.ContentTypeHeader)
            .ToDictionary(header => header.Key, header => (object?)(header.Value.Length <= MaxHeaderLength ? header.Value : header.Value[..MaxHeaderLength]));
        headers[BrokerNames.MessageTypeHeader] = BrokerNames.ContractType(message.MessageType);
        return new BasicProperties
        {
            MessageId = message.Id.ToString(),
            ContentType = stored.GetValueOrDefault(BrokerNames.ContentTypeHeader, BrokerNames.ContentType),
            Persistent = true,
            Headers = headers,
        };
    }

    // One opening for all who wait: a broker that is away costs one timeout, not one for each message.
    private Task<IChannel> ChannelAsync()
    {
        lock (_gate)
        {
            if (_opening is null || (_opening.IsCompleted && _channel is not { IsOpen: true }))
            {
                _opening = OpenAsync(_connection);
                (_connection, _channel) = (null, null);
            }

            return _opening;
        }
    }

    private async Task<IChannel> OpenAsync(IConnection? before)
    {
        // The caller holds the lock.
        await Task.Yield();
        await CloseAsync(before).ConfigureAwait(false);
        IConnection connection = await BrokerConnection.OpenAsync(options, "qwen3vl-batch outbox", CancellationToken.None).ConfigureAwait(false);
        var confirms = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        try
        {
            IChannel channel = await connection.CreateChannelAsync(confirms, CancellationToken.None).ConfigureAwait(false);
            lock (_gate)
            {
                (_connection, _channel) = (connection, channel);
            }

            return channel;
        }
        catch
        {
            await CloseAsync(connection).ConfigureAwait(false);
            throw;
        }
    }

    private static async Task CloseAsync(IConnection? connection)
    {
        if (connection is not null)
        {
            // Not in order, which a broker that has stopped reading would not answer.
            await connection.AbortAsync(AbortLimit).ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
