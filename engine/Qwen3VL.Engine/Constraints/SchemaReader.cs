using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Qwen3VL.Engine.Constraints;

/// <summary>Reads parts of a schema with errors that name their place. Stateless.</summary>
internal static class SchemaReader
{
    private const int MaxShownPath = 160;
    private const int MaxShown = 80;

    /// <summary>A refusal. The path and what was found may hold text of the schema: they are escaped and cut here.</summary>
    public static InvalidRequestException Refuse(string path, string rule, string found) =>
        new($"json_schema at {Shown(path, MaxShownPath)} must {rule}; got {Shown(found, MaxShown)}");

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

        // A decimal takes what is too small for it as 0.
        return value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out decimal number) && Math.Abs(number) < DecimalRule.Limit
            && (number != 0 || IsZero(value.GetRawText()))
            ? number
            : throw Refuse(
                Child(path, keyword),
                $"be a number within {DecimalRule.Limit} and 0 or above 1e-28 in size",
                value.ValueKind == JsonValueKind.Number ? value.GetRawText() : value.ValueKind.ToString());
    }

    private static bool IsZero(string number) => number.TakeWhile(letter => letter is not ('e' or 'E')).All(letter => letter is not (>= '1' and <= '9'));

    /// <summary>An array that must not be empty.</summary>
    public static IReadOnlyList<JsonElement> List(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
            ? [.. value.EnumerateArray()]
            : throw Refuse(path, "be an array of at least 1 entry", value.ValueKind.ToString());

    /// <summary>An object.</summary>
    public static IReadOnlyList<JsonProperty> Members(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Object ? [.. value.EnumerateObject()] : throw Refuse(path, "be an object", value.ValueKind.ToString());

    /// <summary>The beginning of a text on one line, whatever is in it.</summary>
    private static string Shown(string text, int most)
    {
        var shown = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (shown.Length >= most)
            {
                return shown.Append('…').ToString();
            }

            bool isPlain = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
            shown.Append(isPlain ? rune.ToString() : "\\u{" + rune.Value.ToString("x", CultureInfo.InvariantCulture) + "}");
        }

        return shown.ToString();
    }
}
