using System.Globalization;
using System.Text.Json;

namespace Qwen3VL.Engine.Constraints;

/// <summary>Finds what <c>$ref</c> refers to: JSON pointers (RFC 6901) into the same schema only. Immutable.</summary>
/// <param name="root">The whole schema.</param>
internal sealed class SchemaReferences(JsonElement root)
{
    /// <summary>The part that a reference names, and its path.</summary>
    /// <exception cref="InvalidRequestException">It is no pointer into this schema, or names nothing.</exception>
    public (JsonElement Schema, string Path) Resolve(JsonElement reference, string path)
    {
        string pointer = SchemaReader.Text(reference, path);
        if (pointer == "#")
        {
            return (root, "#");
        }

        if (!pointer.StartsWith("#/", StringComparison.Ordinal))
        {
            throw SchemaReader.Refuse(path, "be a JSON pointer into the same schema", pointer);
        }

        JsonElement found = root;
        string place = "#";
        foreach (string part in pointer[2..].Split('/'))
        {
            string name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            found = Member(found, name) ?? throw SchemaReader.Refuse(path, "name a part of the schema", pointer);
            place = SchemaReader.Child(place, name);
        }

        return (found, place);
    }

    private static JsonElement? Member(JsonElement element, string name)
    {
        if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement member))
        {
            return member;
        }

        bool isIndex = element.ValueKind == JsonValueKind.Array
            && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < element.GetArrayLength();
        return isIndex ? element[int.Parse(name, CultureInfo.InvariantCulture)] : null;
    }
}
