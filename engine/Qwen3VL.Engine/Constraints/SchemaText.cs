using System.Text;
using System.Text.Json;

namespace Qwen3VL.Engine.Constraints;

/// <summary>
/// Reads the text of a schema. Names and strings behind it are whole characters: JSON may escape half a surrogate pair, which no text can
/// hold. Stateless.
/// </summary>
internal static class SchemaText
{
    private const int MaxCharacters = 256 * 1024;
    private const int MaxDepth = 64;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The schema as JSON; the caller disposes of it.</summary>
    /// <exception cref="InvalidRequestException">It is too long or too deep, no JSON, or holds half a surrogate pair.</exception>
    public static JsonDocument Parse(string schema)
    {
        if (schema.Length > MaxCharacters)
        {
            throw new InvalidRequestException($"json_schema must have at most {MaxCharacters} characters; got {schema.Length}");
        }

        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(Strict.GetBytes(schema), new JsonDocumentOptions { MaxDepth = MaxDepth });
            return PathOfHalfCharacter(document.RootElement) is { } path
                ? throw SchemaReader.Refuse($"#{path}", "have names and strings of whole characters", "half a surrogate pair")
                : document;
        }
        catch (EncoderFallbackException exception)
        {
            throw new InvalidRequestException($"json_schema must be text of whole characters; got half a surrogate pair at character {exception.Index}", exception);
        }
        catch (JsonException exception)
        {
            throw new InvalidRequestException(
                $"json_schema must be JSON of at most {MaxDepth} levels; got an error in line {exception.LineNumber + 1}, byte {exception.BytePositionInLine}", exception);
        }
        catch (InvalidRequestException)
        {
            document?.Dispose();
            throw;
        }
    }

    /// <summary>The place of the first name or string with half a surrogate pair, below an element; null when there is none.</summary>
    private static string? PathOfHalfCharacter(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                return IsWhole(() => element.GetString()) ? null : "";
            case JsonValueKind.Array:
                int index = 0;
                foreach (JsonElement item in element.EnumerateArray())
                {
                    if (PathOfHalfCharacter(item) is { } below)
                    {
                        return $"/{index}{below}";
                    }

                    index++;
                }

                return null;
            case JsonValueKind.Object:
                foreach (JsonProperty member in element.EnumerateObject())
                {
                    if (!IsWhole(() => member.Name))
                    {
                        return "";
                    }

                    if (PathOfHalfCharacter(member.Value) is { } below)
                    {
                        return SchemaReader.Child("", member.Name) + below;
                    }
                }

                return null;
            default:
                return null;
        }
    }

    private static bool IsWhole(Func<string?> read)
    {
        try
        {
            read();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
