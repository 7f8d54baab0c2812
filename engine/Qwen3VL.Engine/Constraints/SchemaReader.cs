using System.Text.Json;

namespace Qwen3VL.Engine.Constraints;

/// <summary>Reads parts of a schema with errors that name their place. Stateless.</summary>
internal static class SchemaReader
{
    /// <summary>A refusal.</summary>
    public static InvalidRequestException Refuse(string path, string rule, string found) => new($"json_schema at {path} must {rule}; got {found}");

    /// <summary>The path of a part.</summary>
    public static string Child(string path, string name) => $"{path}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    /// <summary>The text of a JSON string.</summary>
    /// <exception cref="InvalidRequestException">It is another kind of value, or holds half a surrogate pair.</exception>
    public static string Text(JsonElement value, string path)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String && value.GetString() is { } text ? text : throw Refuse(path, "be a string", value.ValueKind.ToString());
        }
        catch (InvalidOperationException)
        {
            throw Refuse(path, "be a string of whole characters", "half a surrogate pair");
        }
    }

    /// <summary>A count that may be missing.</summary>
    public static int? Count(JsonElement schema, string keyword, string path)
    {
        if (!schema.TryGetProperty(keyword, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out decimal number) && number >= 0 && number <= int.MaxValue && decimal.IsInteger(number)
            ? (int)number
            : throw Refuse(Child(path, keyword), $"be a whole number in 0..{int.MaxValue}", value.ValueKind == JsonValueKind.Number ? value.GetRawText() : value.ValueKind.ToString());
    }

    /// <summary>A bound of a number that may be missing.</summary>
    public static decimal? Number(JsonElement schema, string keyword, string path)
    {
        if (!schema.TryGetProperty(keyword, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out decimal number) && Math.Abs(number) < DecimalRule.Limit
            ? number
            : throw Refuse(
                Child(path, keyword),
                $"be a number within {DecimalRule.Limit}",
                value.ValueKind == JsonValueKind.Number ? value.GetRawText() : value.ValueKind.ToString());
    }

    /// <summary>An array that must not be empty.</summary>
    public static IReadOnlyList<JsonElement> List(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
            ? [.. value.EnumerateArray()]
            : throw Refuse(path, "be an array of at least 1 entry", value.ValueKind.ToString());

    /// <summary>An object.</summary>
    public static IReadOnlyList<JsonProperty> Members(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Object ? [.. value.EnumerateObject()] : throw Refuse(path, "be an object", value.ValueKind.ToString());
}
