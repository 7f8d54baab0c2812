using System.Text.Json;
using Qwen3VL.Batch.Contracts;
using Qwen3VL.Batch.Contracts.V1;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Qwen3VL.Batch.Messaging;

/// <summary>
/// Sends commands the way a client in any language does: the contract's JSON to exchange <c>vq.commands</c>, content type
/// <c>application/json</c>, header <c>MT-MessageType</c> = <c>urn:message:Qwen3VL.Batch.Contracts.V1:SubmitJob</c>, persistent, mandatory,
/// with publisher confirms. A command is safe when the call returns. One caller at a time.
/// </summary>
internal sealed class CommandClient : IAsyncDisposable
{
    private static readonly TimeSpan ConfirmLimit = TimeSpan.FromSeconds(30);

    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly TimeProvider _time;

    private CommandClient(IConnection connection, IChannel channel, TimeProvider time)
    {
        _connection = connection;
        _channel = channel;
        _time = time;
    }

    /// <summary>Connects and declares the topology, so that the first command finds a queue.</summary>
    /// <exception cref="BrokerException">Not reachable, credentials refused, or the topology is not ours.</exception>
    public static async Task<CommandClient> ConnectAsync(BrokerOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        IConnection connection = await BrokerConnection.OpenAsync(options, "qwen3vl-batch client", cancellationToken).ConfigureAwait(false);
        try
        {
            await Topology.DeclareAsync(connection, cancellationToken).ConfigureAwait(false);
            var confirms = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
            return new CommandClient(connection, await connection.CreateChannelAsync(confirms, cancellationToken).ConfigureAwait(false), time);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Sends a submit command; it is on the broker's disk when this returns.</summary>
    /// <exception cref="BrokerException">The broker did not take it, or did not say so in time: sending it again is safe.</exception>
    /// <exception cref="InvalidCommandException">It is larger than a worker takes.</exception>
    public Task SendAsync(SubmitJob command, CancellationToken cancellationToken) => PublishAsync(nameof(SubmitJob), command, cancellationToken);

    /// <summary>Sends a cancel command.</summary>
    /// <exception cref="BrokerException">The broker did not take it, or did not say so in time: sending it again is safe.</exception>
    public Task SendAsync(CancelJob command, CancellationToken cancellationToken) => PublishAsync(nameof(CancelJob), command, cancellationToken);

    /// <summary>Sends a change of priority.</summary>
    /// <exception cref="BrokerException">The broker did not take it, or did not say so in time: sending it again is safe.</exception>
    public Task SendAsync(SetJobPriority command, CancellationToken cancellationToken) => PublishAsync(nameof(SetJobPriority), command, cancellationToken);

    /// <summary>Sends a replay.</summary>
    /// <exception cref="BrokerException">The broker did not take it, or did not say so in time: sending it again is safe.</exception>
    public Task SendAsync(ReplayDeadLetters command, CancellationToken cancellationToken) => PublishAsync(nameof(ReplayDeadLetters), command, cancellationToken);

    /// <summary>Tells all workers that one of them is asked to drain. A hint: who does not hear it learns it from a heartbeat.</summary>
    /// <exception cref="BrokerException">The broker did not take it.</exception>
    public Task HintAsync(DrainRequested hint, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties
        {
            ContentType = BrokerNames.ContentType,
            Headers = new Dictionary<string, object?> { [BrokerNames.MessageTypeHeader] = MassTransit.MessageUrn.ForTypeString<DrainRequested>() },
        };
        return PublishAsync(BrokerNames.Control, mandatory: false, properties, JsonSerializer.SerializeToUtf8Bytes(hint, ContractJson.Options), cancellationToken);
    }

    /// <summary>Closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private Task PublishAsync<T>(string contract, T command, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties
        {
            MessageId = Guid.CreateVersion7(_time.GetUtcNow()).ToString(),
            ContentType = BrokerNames.ContentType,
            Type = contract,
            Persistent = true,
            Headers = new Dictionary<string, object?> { [BrokerNames.MessageTypeHeader] = BrokerNames.ContractType(contract) },
        };
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(command, ContractJson.Options);
        return body.Length <= BrokerNames.MaxCommandBytes
            ? PublishAsync(BrokerNames.Commands, mandatory: true, properties, body, cancellationToken)
            : throw new InvalidCommandException($"command must be at most {BrokerNames.MaxCommandBytes} bytes of JSON; got {body.Length}");
    }

    private async Task PublishAsync(string exchange, bool mandatory, BasicProperties properties, byte[] body, CancellationToken cancellationToken)
    {
        try
        {
            // The token ends the wait, not the publish: a publish that is cancelled half-way can leave the confirm counting wrong.
            await _channel.BasicPublishAsync(exchange, routingKey: "", mandatory, properties, body, CancellationToken.None)
                .AsTask().WaitAsync(ConfirmLimit, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (PublishException exception) when (exception.IsReturn)
        {
            throw new BrokerException($"exchange {exchange} must be bound to a queue; the broker returned the command", exception);
        }
        catch (PublishException exception)
        {
            throw new BrokerException($"queue {exchange} must have room; the broker refused the command", exception);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationInterruptedException)
        {
            throw new BrokerException("broker must confirm the command; it did not, and sending it again is safe", exception);
        }
    }
}
