using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Storage;
using RabbitMQ.Client;

namespace Qwen3VL.Batch.Messaging;

/// <summary>Makes a record of a message from <c>vq.dead</c>. Takes anything: a message that cannot be recorded would come back for ever.</summary>
internal static class DeadMessage
{
    // What is larger is no command that could be replayed; its beginning is enough to see what it was.
    private const int MaxBodyBytes = 256 * 1024;
    private const int MaxTypeLength = 200;
    private const int MaxQueueLength = 200;
    private const int MaxReasonLength = 2_000;
    private const int MaxIdLength = 100;

    // Depth that PostgreSQL's parser takes without a doubt, and that no command comes near.
    private const int MaxDepth = 64;

    // Who records it in the audit: no person asked for it.
    private const string Actor = "dead-letter ingest";

    /// <summary>The record.</summary>
    public static NewDeadLetter Read(IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body)
    {
        IDictionary<string, object?>? headers = properties.Headers;
        (string? deathQueue, string? deathReason, int deathCount) = Death(headers);
        string queue = StoredText.Clean(deathQueue ?? BrokerNames.Commands, MaxQueueLength);
        string hash = Convert.ToHexStringLower(SHA256.HashData(body.Span));
        string? messageId = string.IsNullOrEmpty(properties.MessageId) ? null : StoredText.Clean(properties.MessageId, MaxIdLength);
        string? json = Json(body.Span);
        Dictionary<string, string> more = new()
        {
            ["body-bytes"] = body.Length.ToString(CultureInfo.InvariantCulture),
            ["body-sha256"] = hash,
        };
        Add(more, BrokerNames.ContentTypeHeader, properties.ContentType);
        Add(more, "message-id", messageId);
        Add(more, "x-death", deathReason is null ? null : string.Create(CultureInfo.InvariantCulture, $"{deathReason} in {queue}, {deathCount} times"));
        return new NewDeadLetter
        {
            Source = "message",

            // Id and content: an id that a sender uses for everything must not hide one message behind another.
            DedupKey = messageId is null ? $"msg:{queue}:{hash}" : $"msg:{queue}:{messageId}:{hash[..16]}",
            TenantId = CommandSender.Tenant(body.Span),
            Queue = queue,
            MessageType = StoredHeaders.Find(headers, BrokerNames.MessageTypeHeader) is { } type ? StoredText.Clean(type, MaxTypeLength) : null,
            Headers = StoredHeaders.ToJson(headers, more),
            Body = json,
            BodyRaw = json is null ? body[..Math.Min(body.Length, MaxBodyBytes)].ToArray() : null,
            ErrorCode = Code(StoredHeaders.Find(headers, BrokerNames.CodeHeader), deathReason),
            ErrorText = StoredText.Clean(StoredHeaders.Find(headers, BrokerNames.ReasonHeader) ?? "the broker moved it here", MaxReasonLength),
            Attempts = Math.Max(1, deathCount),
            ReplayOf = Guid.TryParse(StoredHeaders.Find(headers, BrokerNames.ReplayOfHeader), out Guid replayOf) ? replayOf : null,
            Actor = Actor,
        };
    }

    /// <summary>The least that can be recorded of a message that the database refused: nothing in it but bytes.</summary>
    public static NewDeadLetter Bare(NewDeadLetter letter, ReadOnlyMemory<byte> body) => letter with
    {
        DedupKey = $"msg:{BrokerNames.Commands}:{Convert.ToHexStringLower(SHA256.HashData(body.Span))}",
        TenantId = 0,
        Queue = BrokerNames.Commands,
        MessageType = null,
        Headers = null,
        Body = null,
        BodyRaw = body[..Math.Min(body.Length, MaxBodyBytes)].ToArray(),
        ErrorCode = ErrorCodes.CommandUnreadable,
        ErrorText = "the database took neither headers nor text of this message",
        ReplayOf = null,
    };

    private static void Add(Dictionary<string, string> headers, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            headers[name] = value;
        }
    }

    // Only a code of this product: the header may be anybody's.
    private static string Code(string? header, string? deathReason) =>
        header is ErrorCodes.InvalidCommand or ErrorCodes.CommandUnreadable or ErrorCodes.CommandUnknown or ErrorCodes.CommandTooLarge ? header
        : header is null && deathReason == ErrorCodes.DeliveryLimit ? ErrorCodes.DeliveryLimit
        : ErrorCodes.Internal;

    private static (string? Queue, string? Reason, int Count) Death(IDictionary<string, object?>? headers)
    {
        if (headers?.TryGetValue("x-death", out object? value) != true || value is not IList<object> { Count: > 0 } deaths || deaths[0] is not IDictionary<string, object> death)
        {
            return (null, null, 0);
        }

        int count = death.TryGetValue("count", out object? times) && times is long number ? (int)Math.Clamp(number, 0, int.MaxValue) : 1;
        return (Text(death, "queue"), Text(death, "reason"), count);
    }

    private static string? Text(IDictionary<string, object> table, string name) =>
        table.TryGetValue(name, out object? value) && StoredHeaders.Text(value) is { Length: > 0 } text ? StoredText.Clean(text, MaxQueueLength) : null;

    // The body as text when it is JSON that jsonb takes: it refuses U+0000 and half surrogate pairs, in escapes as well.
    private static string? Json(ReadOnlySpan<byte> body)
    {
        if (body.Length > MaxBodyBytes)
        {
            return null;
        }

        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.GetString()!.Contains('\0', StringComparison.Ordinal)) // a string token has one
                {
                    return null;
                }
            }

            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(body);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }
}
