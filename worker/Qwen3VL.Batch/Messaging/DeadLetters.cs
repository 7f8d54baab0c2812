using System.Runtime.ExceptionServices;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace Qwen3VL.Batch.Messaging;

/// <summary>
/// Moves a message that cannot be handled to <c>vq.dead</c>, body unchanged, with a short reason in headers. In place of MassTransit's
/// error queues, which copy whole exception texts into headers: a long one is larger than a frame and closes the connection.
/// </summary>
internal sealed class DeadLetters(DeadSubmit submits, TimeProvider time, ILogger logger) : IFilter<ExceptionReceiveContext>, IFilter<ReceiveContext>
{
    private const int MaxReasonLength = 500;

    // A sending that hangs would keep the message unacknowledged until the broker's consumer timeout closes the channel.
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(30);

    /// <summary>A handler or the deserializer failed.</summary>
    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        if (context.Exception.GetBaseException() is LedgerUnavailableException or ConsumerCanceledException or OperationCanceledException)
        {
            // Back to the queue: the message is good, the database is away or the worker stops.
            ExceptionDispatchInfo.Throw(context.Exception);
        }

        Exception cause = context.Exception.GetBaseException();
        await MoveAsync(context, cause.GetType().Name, cause.Message).ConfigureAwait(false);
        await submits.RejectAsync(context, cause).ConfigureAwait(false);

        // A body that could not be read reached no consumer, and is offered to the other filter too.
        _ = context.GetOrAddPayload(() => new DeadLetter());
    }

    /// <summary>No consumer takes messages of this type.</summary>
    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next) => context.TryGetPayload(out DeadLetter? _)
        ? Task.CompletedTask
        : MoveAsync(context, "UnknownMessage", $"header {BrokerNames.MessageTypeHeader} must name a command of this product");

    /// <inheritdoc/>
    public void Probe(ProbeContext context) => context.CreateFilterScope("deadLetters");

    private async Task MoveAsync(ReceiveContext context, string error, string reason)
    {
        ISendEndpoint endpoint = await context.SendEndpointProvider.GetSendEndpoint(BrokerNames.Address(BrokerNames.Dead)).ConfigureAwait(false);
        var serializer = new VerbatimSerializer(context.Body, context.ContentType?.ToString() ?? BrokerNames.ContentType);
        await endpoint.Send(
            new DeadLetter(),
            send =>
            {
                send.Serializer = serializer;
                send.MessageId = context.GetMessageId();
                send.Headers.Set(BrokerNames.MessageTypeHeader, context.TransportHeaders.Get<string>(BrokerNames.MessageTypeHeader));
                send.Headers.Set("vq-error", error);
                send.Headers.Set("vq-reason", reason.Length <= MaxReasonLength ? reason : reason[..MaxReasonLength]);
            },
            CancellationToken.None).WaitAsync(SendLimit, time).ConfigureAwait(false);
        logger.CommandDeadLettered(context.GetMessageId(), error);
    }
}
