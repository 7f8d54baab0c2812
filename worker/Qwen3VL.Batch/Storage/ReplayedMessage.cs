using System.Text.Json;
using Qwen3VL.Batch.Contracts;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Messaging;

namespace Qwen3VL.Batch.Storage;

/// <summary>A row for the outbox that sends a dead letter again.</summary>
/// <param name="MessageId">Its id; a command gets another one when it is inserted.</param>
/// <param name="JobId">The job of an event.</param>
/// <param name="MessageType">Name of the contract.</param>
/// <param name="Body">JSON.</param>
/// <param name="Destination">Exchange.</param>
/// <param name="Headers">JSON object of texts.</param>
internal sealed record ReplayedMessage(Guid MessageId, Guid? JobId, string MessageType, string Body, string Destination, string? Headers)
{
    private const int MaxContentTypeLength = 100;

    private static readonly string[] Commands = [nameof(SubmitJob), nameof(CancelJob), nameof(SetJobPriority), nameof(ReplayDeadLetters)];

    /// <summary>The row of a dead letter; null when it cannot be sent: its body is not whole JSON, or it is no command of this product.</summary>
    public static ReplayedMessage? Of(StoredDeadLetter row)
    {
        if (row.Body is null || row.MessageType is null)
        {
            return null;
        }

        if (row.Source == "outbox")
        {
            return Guid.TryParse(row.DedupKey[(row.DedupKey.IndexOf(':', StringComparison.Ordinal) + 1)..], out Guid id)
                ? new ReplayedMessage(id, row.JobId, row.MessageType, row.Body, row.Queue ?? BrokerNames.Events, row.Headers)
                : null;
        }

        string name = BrokerNames.ContractName(row.MessageType);
        if (!Commands.Contains(name, StringComparer.Ordinal))
        {
            return null;
        }

        // An envelope of MassTransit stays one: the content type says so.
        Dictionary<string, string> headers = new() { [BrokerNames.ReplayOfHeader] = row.Id.ToString() };
        if (ContentType(row.Headers) is { } contentType)
        {
            headers[BrokerNames.ContentTypeHeader] = contentType;
        }

        return new ReplayedMessage(Guid.Empty, null, name, row.Body, BrokerNames.Commands, JsonSerializer.Serialize(headers, ContractJson.Options));
    }

    // As the broker gave it, which is any bytes: what cannot be sent as one again is left out.
    private static string? ContentType(string? headers)
    {
        if (headers is null)
        {
            return null;
        }

        using var document = JsonDocument.Parse(headers);
        return document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty(BrokerNames.ContentTypeHeader, out JsonElement value)
            && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: <= MaxContentTypeLength } contentType && contentType.All(letter => letter is >= ' ' and <= '~')
            ? contentType
            : null;
    }
}
