using System.Text.Json;
using MassTransit;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Messaging;

/// <summary>Puts one message of the outbox on the wire, mandatory, and says what the broker answered. Safe from any thread.</summary>
internal sealed class OutboxSender(IBus bus)
{
    // Headers do not fragment: what a row carries stays far below a frame (128 KiB).
    private const int MaxHeaderLength = 500;

    /// <summary>Sends it.</summary>
    /// <exception cref="Exception">Nothing is known: no connection, no answer, a channel that closed. Sending it again under the same id is right.</exception>
    public async Task<SendOutcome> SendAsync(OutboxMessage message)
    {
        await Task.Yield();
        Uri? address = message.Destination switch
        {
            BrokerNames.Events => BrokerNames.Address(BrokerNames.Events, "topic"),
            BrokerNames.Commands => BrokerNames.Address(BrokerNames.Commands),
            _ => null,
        };
        if (address is null)
        {
            // Sending to an exchange that does not exist would make it, and the message would be gone.
            return SendOutcome.Refused;
        }

        try
        {
            // No token anywhere here: a publish that is cancelled half-way can leave the channel's confirm counting wrong.
            ISendEndpoint endpoint = await bus.GetSendEndpoint(address).ConfigureAwait(false);
            await endpoint.Send(message, context => Fill(context, message), CancellationToken.None).ConfigureAwait(false);
            return SendOutcome.Confirmed;
        }
        catch (MessageReturnedException)
        {
            return SendOutcome.Unrouted;
        }
        catch (Exception exception) when (exception.GetBaseException() is RabbitMQ.Client.Exceptions.PublishException answer)
        {
            return answer.IsReturn ? SendOutcome.Unrouted : SendOutcome.Refused;
        }
    }

    private static void Fill(SendContext<OutboxMessage> context, OutboxMessage message)
    {
        Dictionary<string, string> headers = JsonSerializer.Deserialize<Dictionary<string, string>>(message.Headers) ?? [];
        context.Serializer = new VerbatimSerializer(new StringMessageBody(message.Body), headers.GetValueOrDefault(BrokerNames.ContentTypeHeader, BrokerNames.ContentType));
        context.MessageId = message.Id;
        context.GetPayload<RabbitMqSendContext>().Mandatory = true;
        if (message.Destination == BrokerNames.Events)
        {
            context.SetRoutingKey(BrokerNames.RoutingKey(message.MessageType));
        }

        context.Headers.Set(BrokerNames.MessageTypeHeader, BrokerNames.ContractType(message.MessageType));
        foreach ((string name, string value) in headers.Where(header => header.Key != BrokerNames.ContentTypeHeader))
        {
            context.Headers.Set(name, value.Length <= MaxHeaderLength ? value : value[..MaxHeaderLength]);
        }
    }
}
