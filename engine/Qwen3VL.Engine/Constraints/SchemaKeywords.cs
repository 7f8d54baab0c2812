using System.Text.Json;

namespace Qwen3VL.Engine.Constraints;

/// <summary>Which keywords of JSON Schema 2020-12 say what. Those that are nowhere here are refused. Stateless.</summary>
internal static class SchemaKeywords
{
    /// <summary>Say something about objects.</summary>
    public static readonly IReadOnlyList<string> OfObjects = ["properties", "required", "additionalProperties"];

    /// <summary>Say something about arrays.</summary>
    public static readonly IReadOnlyList<string> OfArrays = ["items", "prefixItems", "minItems", "maxItems"];

    /// <summary>Say something about strings.</summary>
    public static readonly IReadOnlyList<string> OfStrings = ["minLength", "maxLength", "pattern", "format"];

    /// <summary>Say something about numbers.</summary>
    public static readonly IReadOnlyList<string> OfNumbers = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];

    /// <summary>The types that a schema can name.</summary>
    public static readonly IReadOnlyList<string> Types = ["object", "array", "string", "number", "integer", "boolean", "null"];

    // Decide alone what a value is: beside them only annotations may stand, for constants the type, too.
    private static readonly string[] Alone = ["$ref", "anyOf", "oneOf", "allOf", "enum", "const"];

    // Say nothing about whether a value is valid, and definitions, which do so only where they are referred to.
    private static readonly string[] Annotations =
    [
        "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment", "$schema", "$defs", "definitions",
    ];

    /// <summary>The keyword that decides alone; null when there is none.</summary>
    public static string? Deciding(JsonElement schema) => Array.Find(Alone, keyword => schema.TryGetProperty(keyword, out _));

    /// <summary>Refuses keywords that nobody would look at.</summary>
    /// <exception cref="InvalidRequestException">Names the place.</exception>
    public static void Check(JsonElement schema, string path)
    {
        string? deciding = Deciding(schema);
        foreach (JsonProperty member in schema.EnumerateObject())
        {
            bool isIdOfTheWhole = path == "#" && member.Name == "$id";
            bool isUnderstood = SaysNothing(member) || Array.IndexOf(Annotations, member.Name) >= 0 || isIdOfTheWhole || member.Name == deciding
                || (member.Name == "type" && deciding is null or "enum" or "const")
                || (deciding is null && IsOfAType(member.Name));
            if (!isUnderstood)
            {
                throw SchemaReader.Refuse(
                    path,
                    deciding is null ? "use supported keywords only" : $"have only annotations beside {deciding}",
                    $"{member.Name}");
            }
        }
    }

    /// <summary>Keywords that are not enforced, with the one value under which there is nothing to enforce.</summary>
    private static bool SaysNothing(JsonProperty member) =>
        (member.Name == "uniqueItems" && member.Value.ValueKind == JsonValueKind.False)
        || (member.Name == "minProperties" && member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetDecimal(out decimal count) && count == 0);

    private static bool IsOfAType(string keyword) =>
        OfObjects.Contains(keyword) || OfArrays.Contains(keyword) || OfStrings.Contains(keyword) || OfNumbers.Contains(keyword);
}
