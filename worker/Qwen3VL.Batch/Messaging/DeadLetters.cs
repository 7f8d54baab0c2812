using System.Runtime.ExceptionServices;
using System.Runtime.Serialization;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Pipeline;

namespace Qwen3VL.Batch.Messaging;

/// <summary>
/// Moves a message that cannot be handled to <c>vq.dead</c>, body unchanged, with a short reason in headers. In place of MassTransit's
/// error queues, which copy whole exception texts into headers: a long one is larger than a frame and closes the connection.
/// </summary>
internal sealed class DeadLetters(DeadSubmit submits, TimeProvider time, ILogger logger) : IFilter<ExceptionReceiveContext>, IFilter<ReceiveContext>
{
    private const int MaxReasonLength = 500;

    // Headers do not fragment: together they must stay well below a frame (128 KiB), whatever the sender put into its own.
    private const int MaxTypeLength = 500;

    // A sending that hangs would keep the message unacknowledged until the broker's consumer timeout closes the channel.
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(30);

    /// <summary>A handler or the deserializer failed.</summary>
    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        if (context.Exception.GetBaseException() is LedgerUnavailableException or ConsumerCanceledException or OperationCanceledException or ObjectDisposedException)
        {
            // Back to the queue: the message is good, the database is away or the worker stops (what is disposed is the worker's).
            ExceptionDispatchInfo.Throw(context.Exception);
        }

        Exception cause = context.Exception.GetBaseException();
        string code = Code(cause);

        // What a defect says may quote anything; what a reader or a validator says names fields.
        await MoveAsync(context, code, cause.GetType().Name, code == ErrorCodes.Internal ? Defects.Error.Message : cause.Message).ConfigureAwait(false);
        await submits.RejectAsync(context, cause).ConfigureAwait(false);

        // A body that could not be read reached no consumer, and is offered to the other filter too.
        _ = context.GetOrAddPayload(() => new DeadLetter());
    }

    /// <summary>No consumer takes messages of this type.</summary>
    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next) => context.TryGetPayload(out DeadLetter? _)
        ? Task.CompletedTask
        : MoveAsync(context, ErrorCodes.CommandUnknown, "UnknownMessage", $"header {BrokerNames.MessageTypeHeader} must name a command of this product");

    /// <summary>The body is larger than a command may be: dead, and its sender is told when the beginning says who that is.</summary>
    public async Task RefuseLargeAsync(ReceiveContext context, long bytes)
    {
        var error = new JobError(ErrorCodes.CommandTooLarge, $"command must be at most {BrokerNames.MaxCommandBytes} bytes; got {bytes}");
        await MoveAsync(context, error.Code, "CommandTooLarge", error.Message).ConfigureAwait(false);
        await submits.RejectAsync(context, error).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Probe(ProbeContext context) => context.CreateFilterScope("deadLetters");

    private static string Code(Exception cause) => cause switch
    {
        InvalidCommandException => ErrorCodes.InvalidCommand,
        JsonException or SerializationException or FormatException => ErrorCodes.CommandUnreadable,
        _ => ErrorCodes.Internal,
    };

    private async Task MoveAsync(ReceiveContext context, string code, string error, string reason)
    {
        ISendEndpoint endpoint = await context.SendEndpointProvider.GetSendEndpoint(BrokerNames.Address(BrokerNames.Dead)).ConfigureAwait(false);
        var serializer = new VerbatimSerializer(context.Body, ContentType(context));
        await endpoint.Send(
            new DeadLetter(),
            send =>
            {
                send.Serializer = serializer;
                send.MessageId = context.GetMessageId();
                send.Headers.Set(BrokerNames.MessageTypeHeader, Cut(context.TransportHeaders.Get<string>(BrokerNames.MessageTypeHeader), MaxTypeLength));
                send.Headers.Set(BrokerNames.ReplayOfHeader, Cut(context.TransportHeaders.Get<string>(BrokerNames.ReplayOfHeader), MaxTypeLength));
                send.Headers.Set(BrokerNames.CodeHeader, code);
                send.Headers.Set(BrokerNames.ErrorHeader, error);
                send.Headers.Set(BrokerNames.ReasonHeader, Cut(reason, MaxReasonLength));
            },
            CancellationToken.None).WaitAsync(SendLimit, time).ConfigureAwait(false);
        logger.CommandDeadLettered(context.GetMessageId(), error);
    }

    // A content type that is none would fail here again and again, and on newer brokers a message that cannot be moved is never counted out.
    private static string ContentType(ReceiveContext context)
    {
        try
        {
            return context.ContentType?.ToString() ?? BrokerNames.ContentType;
        }
        catch (FormatException)
        {
            return BrokerNames.ContentType;
        }
    }

    private static string? Cut(string? text, int length) => text is null || text.Length <= length ? text : text[..length];
}
