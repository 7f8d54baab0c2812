using System.Text.Json;

namespace Qwen3VL.Engine.Constraints;

/// <content>Objects and arrays.</content>
internal sealed partial class SchemaCompiler
{
    // Optional ones are readings that are followed at once: fewer than the automaton follows.
    private const int MaxProperties = 200;
    private const int MaxCountedItems = 4096;

    private void CompileObject(JsonElement schema, string path, int rule)
    {
        List<(string Name, int Value, bool IsRequired)> properties = PropertiesOf(schema, path);
        int additional = AdditionalOf(schema, path);
        int open = _grammar.Chain(rule, "{"u8);
        int numRequiredLeft = properties.Count(property => property.IsRequired);
        if (numRequiredLeft == 0)
        {
            _rules.Close(open, '}');
        }

        // The state before the name of any property from here on; an optional one may be passed over.
        int name = GapBehind(open);
        foreach ((string propertyName, int value, bool isRequired) in properties)
        {
            numRequiredLeft -= isRequired ? 1 : 0;
            int behind = _grammar.NewState();
            int nextName = _grammar.NewState();
            _grammar.Call(_rules.Colon(_grammar.Chain(name, Quoted(propertyName))), value, behind);
            _rules.Comma(behind, nextName);
            if (!isRequired)
            {
                _grammar.Free(name, nextName);
            }

            if (numRequiredLeft == 0)
            {
                _rules.CloseGap(behind, '}');
            }

            name = nextName;
        }

        if (additional >= 0)
        {
            int behind = _grammar.NewState();
            int colon = _grammar.NewState();
            _grammar.Call(name, NameRule([.. properties.Select(property => property.Name)]), colon);
            _grammar.Call(_rules.Colon(colon), additional, behind);
            _rules.Comma(behind, name);
            _rules.CloseGap(behind, '}');
        }
    }

    private int GapBehind(int open)
    {
        int gap = _grammar.NewState();
        _rules.OpenGap(open, gap);
        return gap;
    }

    private List<(string Name, int Value, bool IsRequired)> PropertiesOf(JsonElement schema, string path)
    {
        var required = new HashSet<string>(StringComparer.Ordinal);
        if (schema.TryGetProperty("required", out JsonElement names))
        {
            string place = SchemaReader.Child(path, "required");
            if (names.ValueKind != JsonValueKind.Array)
            {
                throw SchemaReader.Refuse(place, "be an array", names.ValueKind.ToString());
            }

            required.UnionWith(names.EnumerateArray().Select(name => SchemaReader.Text(name, place)));
        }

        IReadOnlyList<JsonProperty> described = [];
        if (schema.TryGetProperty("properties", out JsonElement members))
        {
            described = SchemaReader.Members(members, SchemaReader.Child(path, "properties"));
        }

        // Before anything is made of them: their number is the client's choice.
        var known = new HashSet<string>(described.Select(member => member.Name), StringComparer.Ordinal);
        string[] undescribed = [.. required.Where(name => !known.Contains(name)).Order(StringComparer.Ordinal)];
        if (described.Count + undescribed.Length > MaxProperties)
        {
            throw SchemaReader.Refuse(path, $"have at most {MaxProperties} properties", $"{described.Count + undescribed.Length}");
        }

        return [.. Described(described, required, path), .. Undescribed(undescribed, schema, path)];
    }

    private IEnumerable<(string Name, int Value, bool IsRequired)> Described(IReadOnlyList<JsonProperty> members, HashSet<string> required, string path)
    {
        string place = SchemaReader.Child(path, "properties");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty member in members)
        {
            string memberPlace = SchemaReader.Child(place, member.Name);
            if (!seen.Add(member.Name))
            {
                throw SchemaReader.Refuse(memberPlace, "stand once", "another of the same name");
            }

            yield return (member.Name, RuleOf(member.Value, memberPlace), required.Contains(member.Name));
        }
    }

    /// <summary>Required, but not described: what additionalProperties says of it.</summary>
    private IEnumerable<(string Name, int Value, bool IsRequired)> Undescribed(string[] names, JsonElement schema, string path)
    {
        foreach (string name in names)
        {
            int value = schema.TryGetProperty("additionalProperties", out JsonElement additional)
                ? RuleOf(additional, SchemaReader.Child(path, "additionalProperties"))
                : _rules.AnyValue();
            yield return (name, value, true);
        }
    }

    /// <summary>The rule of further properties' values; -1 when none are written.</summary>
    private int AdditionalOf(JsonElement schema, string path)
    {
        if (!schema.TryGetProperty("additionalProperties", out JsonElement additional))
        {
            return schema.TryGetProperty("properties", out JsonElement members) && members.EnumerateObject().Any() ? -1 : _rules.AnyValue();
        }

        return additional.ValueKind == JsonValueKind.False ? -1 : RuleOf(additional, SchemaReader.Child(path, "additionalProperties"));
    }

    /// <summary>
    /// The rule of names that are none of the given ones. As long as a name could still become one of them it is followed letter by letter and
    /// takes no escape, so no other spelling of a given name can pass.
    /// </summary>
    private int NameRule(string[] names)
    {
        if (names.Length == 0)
        {
            return _grammar.StringRule(StringBounds.Free);
        }

        int rule = _grammar.NewState();
        int start = _grammar.Chain(rule, "\""u8);
        int free = _grammar.Bounds(StringBounds.Free);
        byte[][] given = [.. names.Select(StringBody.Encode)];
        var open = new Queue<(int State, int Length, int Body, byte[][] Names)>();
        open.Enqueue((start, 0, StringBody.Start, given));
        while (open.TryDequeue(out (int State, int Length, int Body, byte[][] Names) place))
        {
            var others = new List<(int Value, int Target)>();
            for (int value = 0; value < 256; value++)
            {
                int body = StringBody.Next(place.Body, (byte)value);
                byte[][] longer = [.. place.Names.Where(name => name.Length > place.Length && name[place.Length] == value)];
                if (body >= 0 && longer.Length > 0)
                {
                    int next = _grammar.NewState();
                    _grammar.Step(place.State, (byte)value, (byte)value, next);
                    open.Enqueue((next, place.Length + 1, body, longer));
                }
                else if (body >= 0 && value != '\\' && IsPlain(place.Names, place.Length))
                {
                    others.Add((value, Grammar.InsideString(free, body)));
                }
            }

            StepInRanges(place.State, others);

            if (place.Body == StringBody.Start && !Array.Exists(place.Names, name => name.Length == place.Length))
            {
                _grammar.Step(place.State, '"', _grammar.StringEnd);
            }
        }

        return rule;
    }

    /// <summary>Steps over single bytes in order, those that lie side by side and lead to the same state as one.</summary>
    private void StepInRanges(int from, List<(int Value, int Target)> steps)
    {
        for (int first = 0; first < steps.Count;)
        {
            int last = first;
            while (last + 1 < steps.Count && steps[last + 1] == (steps[last].Value + 1, steps[first].Target))
            {
                last++;
            }

            _grammar.Step(from, (byte)steps[first].Value, (byte)steps[last].Value, steps[first].Target);
            first = last + 1;
        }
    }

    /// <summary>Whether no escape is open at a place that all these names share.</summary>
    private static bool IsPlain(byte[][] names, int length) => Array.IndexOf(names[0], (byte)'\\', 0, length) < 0;

    private static byte[] Quoted(string name) => [(byte)'"', .. StringBody.Encode(name), (byte)'"'];

    private void CompileArray(JsonElement schema, string path, int rule)
    {
        List<int> prefix = [];
        if (schema.TryGetProperty("prefixItems", out JsonElement items))
        {
            string place = SchemaReader.Child(path, "prefixItems");
            prefix.AddRange(SchemaReader.List(items, place).Select((item, index) => RuleOf(item, $"{place}/{index}")));
        }

        int min = SchemaReader.Count(schema, "minItems", path) ?? 0;
        int max = SchemaReader.Count(schema, "maxItems", path) ?? int.MaxValue;
        int further = FurtherItems(schema, path, prefix.Count, min);
        max = further < 0 ? Math.Min(max, prefix.Count) : max;
        int counted = Math.Max(Math.Max(min, prefix.Count), max == int.MaxValue ? 0 : max);
        if (counted > MaxCountedItems)
        {
            throw SchemaReader.Refuse(path, $"have minItems, maxItems and prefixItems of at most {MaxCountedItems}", $"{counted}");
        }

        int open = _grammar.Chain(rule, "["u8);
        if (min == 0)
        {
            _rules.Close(open, ']');
        }

        // One state behind each item as long as its number matters; then one that goes round.
        int before = GapBehind(open);
        int last = max == int.MaxValue ? Math.Max(min, prefix.Count) + 1 : max;
        for (int number = 1; number <= last; number++)
        {
            int behind = _grammar.NewState();
            _grammar.Call(before, number <= prefix.Count ? prefix[number - 1] : further, behind);
            if (number >= min)
            {
                _rules.CloseGap(behind, ']');
            }

            if (number == last && max != int.MaxValue)
            {
                break;
            }

            int next = number == last ? before : _grammar.NewState();
            _rules.Comma(behind, next);
            before = next;
        }
    }

    /// <summary>The rule of items beyond the prefix; -1 when none are written.</summary>
    private int FurtherItems(JsonElement schema, string path, int numPrefix, int min)
    {
        if (!schema.TryGetProperty("items", out JsonElement items))
        {
            return numPrefix > 0 && min <= numPrefix ? -1 : _rules.AnyValue();
        }

        if (items.ValueKind == JsonValueKind.Array)
        {
            throw SchemaReader.Refuse(SchemaReader.Child(path, "items"), "be a schema; lists stand in prefixItems", "an array");
        }

        return items.ValueKind == JsonValueKind.False ? -1 : RuleOf(items, SchemaReader.Child(path, "items"));
    }
}
