using System.Text.Json;

namespace Qwen3VL.Engine.Constraints;

/// <content>Strings.</content>
internal sealed partial class SchemaCompiler
{
    // As patterns of values that every calendar accepts: 29 February and leap seconds are not written.
    private const string DatePattern = "[1-9][0-9]{3}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)";
    private const string TimePattern = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])";

    private static readonly Dictionary<string, string> Formats = new(StringComparer.Ordinal)
    {
        ["date"] = $"^{DatePattern}$",
        ["time"] = $"^{TimePattern}$",
        ["date-time"] = $"^{DatePattern}T{TimePattern}$",
        ["uuid"] = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
    };

    private void CompileString(JsonElement schema, string path, int rule)
    {
        var bounds = new StringBounds(
            SchemaReader.Count(schema, "minLength", path) ?? 0, SchemaReader.Count(schema, "maxLength", path) ?? int.MaxValue);
        if (bounds.Min > bounds.Max)
        {
            throw SchemaReader.Refuse(path, $"have minLength of at most its maxLength {bounds.Max}", $"{bounds.Min}");
        }

        if (PatternOf(schema, path) is not { } pattern)
        {
            _grammar.Free(rule, _grammar.StringRule(bounds));
            return;
        }

        PatternAutomaton automaton = PatternParser.Parse(pattern.Text, pattern.Path);
        new PatternRule(_grammar, automaton, bounds).Add(rule);
    }

    private static (string Text, string Path)? PatternOf(JsonElement schema, string path)
    {
        bool hasPattern = schema.TryGetProperty("pattern", out JsonElement pattern);
        if (!schema.TryGetProperty("format", out JsonElement format))
        {
            string place = SchemaReader.Child(path, "pattern");
            return hasPattern ? (SchemaReader.Text(pattern, place), place) : null;
        }

        string formatPlace = SchemaReader.Child(path, "format");
        string name = SchemaReader.Text(format, formatPlace);
        if (hasPattern || !Formats.TryGetValue(name, out string? known))
        {
            throw SchemaReader.Refuse(formatPlace, $"be one of {string.Join(", ", Formats.Keys)} and have no pattern beside it", hasPattern ? "a pattern" : name);
        }

        return (known, formatPlace);
    }
}
