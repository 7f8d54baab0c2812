using System.Text.Json;

namespace Qwen3VL.Engine.Constraints;

/// <summary>
/// Whether two schemas can be shown to share no value: by their types, by their constants, or, for objects, by a property that both require
/// and whose schemas share no value. What cannot be shown is answered with no. Immutable.
/// </summary>
/// <param name="references">Finds what references name.</param>
internal sealed class SchemaDisjointness(SchemaReferences references)
{
    // Discriminators lie one or two levels deep.
    private const int MaxDepth = 6;

    /// <summary>Whether no value is valid under both.</summary>
    public bool Holds(JsonElement a, JsonElement b) => Holds(a, b, 0);

    private bool Holds(JsonElement a, JsonElement b, int depth)
    {
        a = Follow(a);
        b = Follow(b);
        if (depth > MaxDepth)
        {
            return false;
        }

        if (Alternatives(a) is { } parts)
        {
            return parts.All(part => Holds(part, b, depth + 1));
        }

        if (Alternatives(b) is { } others)
        {
            return others.All(part => Holds(a, part, depth + 1));
        }

        if (a.ValueKind != JsonValueKind.Object || b.ValueKind != JsonValueKind.Object)
        {
            return a.ValueKind == JsonValueKind.False || b.ValueKind == JsonValueKind.False;
        }

        IReadOnlyList<string> types = Types(a);
        IReadOnlyList<string> otherTypes = Types(b);
        return !types.Intersect(otherTypes).Any() || ConstantsDiffer(a, b) || PropertiesDiffer(a, b, depth);
    }

    private static bool ConstantsDiffer(JsonElement a, JsonElement b) =>
        Constants(a) is { } values && Constants(b) is { } others && !values.Any(value => others.Any(other => JsonElement.DeepEquals(value, other)));

    private bool PropertiesDiffer(JsonElement a, JsonElement b, int depth)
    {
        bool areObjects = Types(a) is ["object"] && Types(b) is ["object"];
        return areObjects && Required(a).Intersect(Required(b)).Any(name =>
            Property(a, name) is { } mine && Property(b, name) is { } others && Holds(mine, others, depth + 1));
    }

    private JsonElement Follow(JsonElement schema)
    {
        for (int i = 0; i < MaxDepth && schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$ref", out JsonElement reference); i++)
        {
            schema = references.Resolve(reference, "#").Schema;
        }

        return schema;
    }

    private static JsonElement[]? Alternatives(JsonElement schema)
    {
        foreach (string keyword in (string[])["anyOf", "oneOf", "allOf"])
        {
            if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(keyword, out JsonElement parts) && parts.ValueKind == JsonValueKind.Array)
            {
                return [.. parts.EnumerateArray()];
            }
        }

        return null;
    }

    /// <summary>The types a value may have by JSON's own count, where whole numbers are numbers.</summary>
    private static IReadOnlyList<string> Types(JsonElement schema)
    {
        if (Constants(schema) is { } values)
        {
            return [.. values.Select(TypeOf).Distinct()];
        }

        if (!schema.TryGetProperty("type", out JsonElement type))
        {
            return ["object", "array", "string", "number", "boolean", "null"];
        }

        IEnumerable<JsonElement> named = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray() : [type];
        return [.. named.Select(entry => entry.ValueEquals("integer") ? "number" : entry.ToString()).Distinct()];
    }

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.Null => "null",
        _ => "boolean",
    };

    private static JsonElement[]? Constants(JsonElement schema)
    {
        if (schema.TryGetProperty("const", out JsonElement value))
        {
            return [value];
        }

        return schema.TryGetProperty("enum", out JsonElement values) && values.ValueKind == JsonValueKind.Array ? [.. values.EnumerateArray()] : null;
    }

    private static IEnumerable<string> Required(JsonElement schema) =>
        schema.TryGetProperty("required", out JsonElement names) && names.ValueKind == JsonValueKind.Array
            ? names.EnumerateArray().Select(name => name.ToString())
            : [];

    private static JsonElement? Property(JsonElement schema, string name) =>
        schema.TryGetProperty("properties", out JsonElement members) && members.ValueKind == JsonValueKind.Object
        && members.TryGetProperty(name, out JsonElement member)
            ? member
            : null;
}
