using System.Globalization;
using System.Text.Json;

namespace Qwen3VL.Engine.Constraints;

/// <summary>
/// Turns a JSON Schema into a grammar: one rule for each part of the schema that is referred to. What it cannot turn into a grammar exactly, or
/// into one of valid values only, it refuses with its place. Used once.
/// </summary>
/// <remarks>
/// The schema is untrusted: its size, depth and states are bounded, and no part is compiled twice. That schemas become rules and properties a
/// chain in fixed order is common to ggml-org/llama.cpp <c>json-schema-to-grammar</c>, mlc-ai/xgrammar and guidance-ai/llguidance.
/// </remarks>
internal sealed partial class SchemaCompiler
{
    // Every part keeps its path, and names are as long as a client likes.
    private const int MaxPathCharacters = 8 * 1024 * 1024;

    private readonly GrammarBuilder _grammar = new();
    private readonly JsonRules _rules;
    private readonly SchemaReferences _references;
    private readonly SchemaDisjointness _disjointness;
    private readonly Dictionary<string, int> _ruleOfPath = new(StringComparer.Ordinal);
    private readonly Queue<(JsonElement Schema, string Path, int Rule)> _open = new();
    private int _numPathCharacters;

    private SchemaCompiler(JsonElement root)
    {
        _rules = new JsonRules(_grammar);
        _references = new SchemaReferences(root);
        _disjointness = new SchemaDisjointness(_references);
    }

    /// <summary>Compiles a schema.</summary>
    /// <param name="schema">JSON text.</param>
    /// <param name="followsReasoning">Whether line breaks may come before the value, as they do behind a reasoning block.</param>
    /// <exception cref="InvalidRequestException">It is no schema, too large, or cannot be enforced; names the place.</exception>
    public static Grammar Compile(string schema, bool followsReasoning)
    {
        using JsonDocument document = SchemaText.Parse(schema);
        return new SchemaCompiler(document.RootElement).Compile(document.RootElement, followsReasoning);
    }

    private Grammar Compile(JsonElement root, bool followsReasoning)
    {
        int rule = RuleOf(root, "#");
        while (_open.TryDequeue(out (JsonElement Schema, string Path, int Rule) part))
        {
            Compile(part.Schema, part.Path, part.Rule);
        }

        if (followsReasoning)
        {
            // The models write two line breaks behind the closing tag.
            int start = _grammar.NewState();
            int one = _grammar.Chain(start, "\n"u8);
            int two = _grammar.Chain(one, "\n"u8);
            foreach (int state in (int[])[start, one, two])
            {
                _grammar.Free(state, rule);
            }

            rule = start;
        }

        return _grammar.Build(rule);
    }

    /// <summary>The rule of a part of the schema; compiled later when it is new.</summary>
    private int RuleOf(JsonElement schema, string path)
    {
        if (!_ruleOfPath.TryGetValue(path, out int rule))
        {
            _numPathCharacters += path.Length;
            if (_numPathCharacters > MaxPathCharacters)
            {
                throw SchemaReader.Refuse(path, $"have paths of at most {MaxPathCharacters} characters in all", "more");
            }

            rule = _grammar.NewState();
            _ruleOfPath.Add(path, rule);
            _open.Enqueue((schema, path, rule));
        }

        return rule;
    }

    private void Compile(JsonElement schema, string path, int rule)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            if (schema.ValueKind == JsonValueKind.True)
            {
                _grammar.Free(rule, _rules.AnyValue());
            }

            return;
        }

        if (schema.ValueKind != JsonValueKind.Object)
        {
            throw SchemaReader.Refuse(path, "be an object or a boolean", schema.ValueKind.ToString());
        }

        SchemaKeywords.Check(schema, path);
        if (SchemaKeywords.Deciding(schema) is { } deciding)
        {
            CompileDeciding(schema, deciding, path, rule);
            return;
        }

        foreach (string type in TypesOf(schema, path))
        {
            CompileType(schema, type, path, rule);
        }
    }

    private void CompileDeciding(JsonElement schema, string keyword, string path, int rule)
    {
        JsonElement value = schema.GetProperty(keyword);
        string place = SchemaReader.Child(path, keyword);
        switch (keyword)
        {
            case "$ref":
                (JsonElement target, string targetPath) = _references.Resolve(value, place);
                _grammar.Free(rule, RuleOf(target, targetPath));
                break;
            case "const":
                CompileConstants(schema, [value], path, rule);
                break;
            case "enum":
                CompileConstants(schema, SchemaReader.List(value, place), path, rule);
                break;
            default:
                CompileAlternatives(keyword, SchemaReader.List(value, place), place, rule);
                break;
        }
    }

    private void CompileAlternatives(string keyword, IReadOnlyList<JsonElement> alternatives, string path, int rule)
    {
        if (keyword == "allOf" && alternatives.Count > 1)
        {
            throw SchemaReader.Refuse(path, "have 1 entry", $"{alternatives.Count}");
        }

        if (keyword == "oneOf" && _disjointness.FirstOverlap(alternatives, path) is var overlap and >= 0)
        {
            throw SchemaReader.Refuse(
                path,
                "have entries that exclude each other by type, by constants or by a required property of constants",
                $"entry {overlap} that may overlap; use anyOf");
        }

        for (int i = 0; i < alternatives.Count; i++)
        {
            _grammar.Free(rule, RuleOf(alternatives[i], $"{path}/{i}"));
        }
    }

    private void CompileConstants(JsonElement schema, IReadOnlyList<JsonElement> values, string path, int rule)
    {
        string[]? types = schema.TryGetProperty("type", out _) ? TypesOf(schema, path) : null;
        foreach (JsonElement value in values)
        {
            if (types is null || types.Any(type => IsOfType(value, type)))
            {
                _grammar.Accept(_rules.Literal(rule, value, path));
            }
        }
    }

    private void CompileType(JsonElement schema, string type, string path, int rule)
    {
        switch (type)
        {
            case "object":
                CompileObject(schema, path, rule);
                break;
            case "array":
                CompileArray(schema, path, rule);
                break;
            case "string":
                CompileString(schema, path, rule);
                break;
            case "boolean":
                _grammar.Accept(_grammar.Branch(rule, "true"u8));
                _grammar.Accept(_grammar.Branch(rule, "false"u8));
                break;
            case "null":
                _grammar.Accept(_grammar.Branch(rule, "null"u8));
                break;
            default:
                CompileNumber(schema, type == "integer", path, rule);
                break;
        }
    }

    private void CompileNumber(JsonElement schema, bool isInteger, string path, int rule)
    {
        decimal? min = SchemaReader.Number(schema, "minimum", path);
        decimal? above = SchemaReader.Number(schema, "exclusiveMinimum", path);
        decimal? max = SchemaReader.Number(schema, "maximum", path);
        decimal? below = SchemaReader.Number(schema, "exclusiveMaximum", path);
        if (min is null && above is null && max is null && below is null)
        {
            _grammar.Free(rule, isInteger ? _rules.Integer() : _rules.Number());
            return;
        }

        bool isAbove = above is not null && !(min > above);
        bool isBelow = below is not null && !(max < below);
        foreach ((string keyword, decimal? bound) in ((string, decimal?)[])[("exclusiveMinimum", above), ("exclusiveMaximum", below)])
        {
            if (!isInteger && bound is { } excluded && !DecimalRule.CanBeExcluded(excluded))
            {
                throw SchemaReader.Refuse(SchemaReader.Child(path, keyword), "have at most 15 digits for type number", excluded.ToString(CultureInfo.InvariantCulture));
            }
        }

        _grammar.Free(rule, new DecimalRule(_grammar, isInteger).Add(isAbove ? above : min, isAbove, isBelow ? below : max, isBelow));
    }

    /// <summary>The types a schema names; without any, those that its keywords speak of; without those, all.</summary>
    private static string[] TypesOf(JsonElement schema, string path)
    {
        if (!schema.TryGetProperty("type", out JsonElement type))
        {
            return TypesSpokenOf(schema);
        }

        string place = SchemaReader.Child(path, "type");
        IReadOnlyList<JsonElement> named = type.ValueKind == JsonValueKind.Array ? SchemaReader.List(type, place) : [type];
        string[] types = [.. named.Select(entry => SchemaReader.Text(entry, place)).Distinct()];
        foreach (string unknown in types.Where(entry => !SchemaKeywords.Types.Contains(entry)))
        {
            throw SchemaReader.Refuse(place, $"be one of {string.Join(", ", SchemaKeywords.Types)}", unknown);
        }

        // Every whole number is a number, too.
        return types.Contains("number") ? [.. types.Where(entry => entry != "integer")] : types;
    }

    private static string[] TypesSpokenOf(JsonElement schema)
    {
        (string Type, IReadOnlyList<string> Keywords)[] groups =
        [
            ("object", SchemaKeywords.OfObjects), ("array", SchemaKeywords.OfArrays), ("string", SchemaKeywords.OfStrings), ("number", SchemaKeywords.OfNumbers),
        ];
        string[] types = [.. groups.Where(group => group.Keywords.Any(keyword => schema.TryGetProperty(keyword, out _))).Select(group => group.Type)];
        return types.Length > 0 ? types : ["object", "array", "string", "number", "boolean", "null"];
    }

    private static bool IsOfType(JsonElement value, string type) => value.ValueKind switch
    {
        JsonValueKind.Object => type == "object",
        JsonValueKind.Array => type == "array",
        JsonValueKind.String => type == "string",
        JsonValueKind.True or JsonValueKind.False => type == "boolean",
        JsonValueKind.Null => type == "null",
        _ => type == "number" || (type == "integer" && value.TryGetDecimal(out decimal number) && decimal.IsInteger(number)),
    };
}
