using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Qwen3VL.Engine.Tests.Constraints;

/// <summary>
/// The keywords of JSON Schema 2020-12 as they read, on whole documents: the oracle of the constraint tests. Shares nothing with the compiler.
/// </summary>
internal sealed class SchemaValidator(JsonElement root)
{
    public bool Validates(JsonElement value) => Validates(value, root);

    private bool Validates(JsonElement value, JsonElement schema) => schema.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => schema.EnumerateObject().All(keyword => Holds(value, schema, keyword.Name, keyword.Value)),
    };

    private bool Holds(JsonElement value, JsonElement schema, string keyword, JsonElement argument) => keyword switch
    {
        "$ref" => Validates(value, Resolve(argument.GetString()!)), // The tests write strings there.
        "type" => argument.ValueKind == JsonValueKind.Array
            ? argument.EnumerateArray().Any(type => IsOfType(value, type.GetString()))
            : IsOfType(value, argument.GetString()),
        "const" => JsonElement.DeepEquals(value, argument),
        "enum" => argument.EnumerateArray().Any(entry => JsonElement.DeepEquals(value, entry)),
        "anyOf" => argument.EnumerateArray().Any(part => Validates(value, part)),
        "allOf" => argument.EnumerateArray().All(part => Validates(value, part)),
        "oneOf" => argument.EnumerateArray().Count(part => Validates(value, part)) == 1,
        _ => value.ValueKind switch
        {
            JsonValueKind.Object => HoldsForObject(value, schema, keyword, argument),
            JsonValueKind.Array => HoldsForArray(value, schema, keyword, argument),
            JsonValueKind.String => HoldsForString(value.GetString()!, keyword, argument), // A JSON string.
            JsonValueKind.Number => HoldsForNumber(value, keyword, argument),
            _ => true,
        },
    };

    private bool HoldsForObject(JsonElement value, JsonElement schema, string keyword, JsonElement argument) => keyword switch
    {
        "properties" => value.EnumerateObject().All(member => !argument.TryGetProperty(member.Name, out JsonElement part) || Validates(member.Value, part)),
        "required" => argument.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)), // The tests write strings there.
        "additionalProperties" => value.EnumerateObject().All(member =>
            (schema.TryGetProperty("properties", out JsonElement known) && known.TryGetProperty(member.Name, out _)) || Validates(member.Value, argument)),
        _ => true,
    };

    private bool HoldsForArray(JsonElement value, JsonElement schema, string keyword, JsonElement argument)
    {
        int numPrefix = schema.TryGetProperty("prefixItems", out JsonElement prefix) ? prefix.GetArrayLength() : 0;
        return keyword switch
        {
            "prefixItems" => value.EnumerateArray().Zip(argument.EnumerateArray()).All(pair => Validates(pair.First, pair.Second)),
            "items" => value.EnumerateArray().Skip(numPrefix).All(item => Validates(item, argument)),
            "minItems" => value.GetArrayLength() >= argument.GetInt32(),
            "maxItems" => value.GetArrayLength() <= argument.GetInt32(),
            _ => true,
        };
    }

    private static bool HoldsForString(string value, string keyword, JsonElement argument) => keyword switch
    {
        "minLength" => value.EnumerateRunes().Count() >= argument.GetInt32(),
        "maxLength" => value.EnumerateRunes().Count() <= argument.GetInt32(),
        "pattern" => Regex.IsMatch(OneUnitEach(value), argument.GetString()!, RegexOptions.ECMAScript, TimeSpan.FromSeconds(5)), // The tests write strings there.
        "format" => argument.GetString() switch
        {
            "date" => DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            "date-time" => DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            "uuid" => Guid.TryParseExact(value, "D", out _),
            _ => throw new NotSupportedException(argument.ToString()),
        },
        _ => true,
    };

    // JSON Schema matches code points, .NET matches UTF-16 units; no pattern of the tests names a character outside the basic plane.
    private static string OneUnitEach(string value) => string.Concat(value.EnumerateRunes().Select(rune => rune.IsBmp ? rune.ToString() : "\uE000"));

    private static bool HoldsForNumber(JsonElement value, string keyword, JsonElement argument) => keyword switch
    {
        "minimum" => Compare(value, argument) >= 0,
        "maximum" => Compare(value, argument) <= 0,
        "exclusiveMinimum" => Compare(value, argument) > 0,
        "exclusiveMaximum" => Compare(value, argument) < 0,
        _ => true,
    };

    // Exact where decimals reach; what is beyond them is far from every bound of the tests.
    private static int Compare(JsonElement value, JsonElement bound) =>
        value.TryGetDecimal(out decimal number) ? number.CompareTo(bound.GetDecimal()) : value.GetDouble().CompareTo(bound.GetDouble());

    private static bool IsOfType(JsonElement value, string? type) => value.ValueKind switch
    {
        JsonValueKind.Object => type == "object",
        JsonValueKind.Array => type == "array",
        JsonValueKind.String => type == "string",
        JsonValueKind.True or JsonValueKind.False => type == "boolean",
        JsonValueKind.Null => type == "null",
        _ => type == "number" || (type == "integer" && value.GetDouble() % 1 == 0),
    };

    private JsonElement Resolve(string pointer)
    {
        JsonElement found = root;
        foreach (string part in pointer.Split('/').Skip(1))
        {
            found = found.GetProperty(part);
        }

        return found;
    }
}
