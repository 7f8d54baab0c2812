using System.Net.Mime;
using MassTransit;

namespace Qwen3VL.Batch.Messaging;

/// <summary>Sends a body that is already written: outbox rows and dead letters go out byte for byte as they were stored or received.</summary>
internal sealed class VerbatimSerializer(MessageBody body, string contentType) : IMessageSerializer
{
    /// <inheritdoc/>
    public ContentType ContentType { get; } = new(contentType);

    /// <inheritdoc/>
    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class => body;
}
