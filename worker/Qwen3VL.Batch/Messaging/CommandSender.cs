using System.Text;
using System.Text.Json;

namespace Qwen3VL.Batch.Messaging;

/// <summary>Who sent a command, as far as its beginning says so.</summary>
/// <param name="TenantId">Field <c>tenantId</c>; 0 when a whole body has none.</param>
/// <param name="IdempotencyKey">Field <c>idempotencyKey</c>, without what cannot be stored.</param>
internal sealed record CommandSender(long TenantId, string IdempotencyKey)
{
    private const int MaxKeyLength = 200;

    /// <summary>
    /// Reads the two fields out of the first 64 KiB of a body, without making a document of it. Null when it is no JSON object with a key, or
    /// when its tenant may stand behind what was read: nobody is told rather than the wrong one.
    /// </summary>
    public static CommandSender? Read(ReadOnlySpan<byte> body)
    {
        Fields fields = Scan(body);
        if (!fields.IsJson || fields.Key is not { Length: > 0 and <= MaxKeyLength } key || (!fields.IsWhole && fields.TenantId is null))
        {
            return null;
        }

        string stored = new([.. key.Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter))]);
        return new CommandSender(fields.TenantId ?? 0, stored);
    }

    /// <summary>The tenant that a body names at its beginning, be the rest JSON or not; 0 when it names none.</summary>
    public static long Tenant(ReadOnlySpan<byte> body) => Scan(body).TenantId is long id and >= 0 ? id : 0;

    // Of a field that comes again the last counts, as for who reads the whole command.
    private static Fields Scan(ReadOnlySpan<byte> body)
    {
        bool whole = body.Length <= BrokerNames.MaxCommandBytes;
        var reader = new Utf8JsonReader(whole ? body : body[..BrokerNames.MaxCommandBytes], isFinalBlock: whole, state: default);
        var fields = new Fields(null, null, whole, IsJson: true);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                bool isKey = reader.ValueTextEquals("idempotencyKey"u8);
                bool isTenant = reader.ValueTextEquals("tenantId"u8);
                if (!reader.Read())
                {
                    break;
                }

                if (isKey && reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= MaxKeyLength * 12)
                {
                    fields = fields with { Key = reader.GetString() };
                }
                else if (isTenant && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long id))
                {
                    fields = fields with { TenantId = id };
                }
            }

            return fields;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or DecoderFallbackException)
        {
            // Not JSON, or a key that is no text.
            return fields with { IsJson = false };
        }
    }

    private readonly record struct Fields(string? Key, long? TenantId, bool IsWhole, bool IsJson);
}
