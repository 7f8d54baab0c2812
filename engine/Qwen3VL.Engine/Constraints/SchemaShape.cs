using System.Text.Json;

namespace Qwen3VL.Engine.Constraints;

/// <summary>What can be seen of a schema that helps to tell it from another one, read once. Owned by <see cref="SchemaDisjointness"/>.</summary>
/// <param name="schema">The schema; references are followed already.</param>
/// <param name="comparer">Equality of constants.</param>
internal sealed class SchemaShape(JsonElement schema, ConstantComparer comparer)
{
    private static readonly string[] OfAlternatives = ["anyOf", "oneOf", "allOf"];

    /// <summary>Whether it is an object, not a boolean or something wrong.</summary>
    public bool IsObject => schema.ValueKind == JsonValueKind.Object;

    /// <summary>Whether no value is valid.</summary>
    public bool IsFalse => schema.ValueKind == JsonValueKind.False;

    /// <summary>The types that a value may have.</summary>
    public SchemaTypes Types { get; } = TypesOf(schema);

    /// <summary>The values themselves; null when it does not list them.</summary>
    public HashSet<JsonElement>? Constants { get; } = ConstantsOf(schema) is { } values ? new HashSet<JsonElement>(values, comparer) : null;

    /// <summary>The schemas of which a value must meet one; null when it has none.</summary>
    public JsonElement[]? Alternatives { get; } = AlternativesOf(schema);

    /// <summary>Properties that an object must have.</summary>
    public HashSet<string> Required { get; } = RequiredOf(schema);

    /// <summary>Schemas of properties, where they are written.</summary>
    public Dictionary<string, JsonElement> Properties { get; } = PropertiesOf(schema);

    /// <summary>Schemas of properties that have been compared.</summary>
    public Dictionary<string, SchemaShape> KnownProperties { get; } = new(StringComparer.Ordinal);

    /// <summary>The alternatives once they have been compared.</summary>
    public SchemaShape[]? KnownAlternatives { get; set; }

    /// <summary>Entries read.</summary>
    public int Size => 1 + (Constants?.Count ?? 0) + (Alternatives?.Length ?? 0) + Required.Count + Properties.Count;

    private static JsonElement[]? AlternativesOf(JsonElement schema)
    {
        foreach (string keyword in OfAlternatives)
        {
            if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(keyword, out JsonElement parts) && parts.ValueKind == JsonValueKind.Array)
            {
                return [.. parts.EnumerateArray()];
            }
        }

        return null;
    }

    private static SchemaTypes TypesOf(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return SchemaTypes.All;
        }

        if (ConstantsOf(schema) is { } values)
        {
            return values.Aggregate(SchemaTypes.None, (types, value) => types | TypeOf(value));
        }

        if (!schema.TryGetProperty("type", out JsonElement type))
        {
            return SchemaTypes.All;
        }

        IEnumerable<JsonElement> named = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray() : [type];
        return named.Aggregate(SchemaTypes.None, (types, entry) => types | TypeNamed(entry));
    }

    // A name that is no type says nothing here; compiling refuses it.
    private static SchemaTypes TypeNamed(JsonElement name) => name.ValueKind != JsonValueKind.String ? SchemaTypes.All : name.GetString() switch
    {
        "object" => SchemaTypes.Object,
        "array" => SchemaTypes.Array,
        "string" => SchemaTypes.String,
        "number" or "integer" => SchemaTypes.Number,
        "boolean" => SchemaTypes.Boolean,
        "null" => SchemaTypes.Null,
        _ => SchemaTypes.All,
    };

    private static SchemaTypes TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => SchemaTypes.Object,
        JsonValueKind.Array => SchemaTypes.Array,
        JsonValueKind.String => SchemaTypes.String,
        JsonValueKind.Number => SchemaTypes.Number,
        JsonValueKind.Null => SchemaTypes.Null,
        _ => SchemaTypes.Boolean,
    };

    private static JsonElement[]? ConstantsOf(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (schema.TryGetProperty("const", out JsonElement value))
        {
            return [value];
        }

        return schema.TryGetProperty("enum", out JsonElement values) && values.ValueKind == JsonValueKind.Array ? [.. values.EnumerateArray()] : null;
    }

    private static HashSet<string> RequiredOf(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("required", out JsonElement names) && names.ValueKind == JsonValueKind.Array
            ? new HashSet<string>(names.EnumerateArray().Select(name => name.ToString()), StringComparer.Ordinal)
            : [];

    private static Dictionary<string, JsonElement> PropertiesOf(JsonElement schema)
    {
        var properties = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out JsonElement members) && members.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in members.EnumerateObject())
            {
                properties[member.Name] = member.Value;
            }
        }

        return properties;
    }
}
