using System.Text.Json;

namespace Qwen3VL.Engine.Constraints;

/// <summary>
/// Whether two schemas can be shown to share no value: by their types, by their constants, or, for objects, by a property that both require
/// and whose schemas share no value. What cannot be shown is answered with no. What it compares is counted and bounded, what it has found is
/// remembered. Used for one schema.
/// </summary>
/// <param name="references">Finds what references name.</param>
internal sealed class SchemaDisjointness(SchemaReferences references)
{
    /// <summary>Most schemas, constants and names looked at: a fraction of a second.</summary>
    public const int MaxWork = 200_000;

    // Discriminators lie one or two levels deep.
    private const int MaxDepth = 6;

    private readonly Dictionary<string, SchemaShape> _shapeOfPath = new(StringComparer.Ordinal);
    private readonly Dictionary<(SchemaShape A, SchemaShape B, int Depth), bool> _known = [];
    private ConstantComparer? _comparer;
    private string _path = "#";

    /// <summary>Schemas, constants and names looked at so far.</summary>
    public int Work { get; private set; }

    /// <summary>The first of some alternatives that may share a value with an earlier one; -1 when there is none.</summary>
    /// <param name="alternatives">Schemas.</param>
    /// <param name="path">Where they stand.</param>
    /// <exception cref="InvalidRequestException">There is too much to compare.</exception>
    public int FirstOverlap(IReadOnlyList<JsonElement> alternatives, string path)
    {
        _path = path;
        return FirstOverlap([.. alternatives.Select(ShapeOf)]);
    }

    /// <summary>Alternatives of constants are told from each other at once, all others one by one.</summary>
    private int FirstOverlap(SchemaShape[] shapes)
    {
        var constants = new HashSet<JsonElement>(Comparer());
        var others = new List<SchemaShape>();
        for (int i = 0; i < shapes.Length; i++)
        {
            bool isConstant = shapes[i] is { IsObject: true, Alternatives: null, Constants: not null };
            bool isApart = isConstant ? !constants.Overlaps(shapes[i].Constants ?? []) : shapes[..i].All(other => Holds(other, shapes[i], 0));
            if (!isApart || (isConstant && !others.TrueForAll(other => Holds(other, shapes[i], 0))))
            {
                return i;
            }

            if (isConstant)
            {
                constants.UnionWith(shapes[i].Constants ?? []);
            }
            else
            {
                others.Add(shapes[i]);
            }
        }

        return -1;
    }

    private bool Holds(SchemaShape a, SchemaShape b, int depth)
    {
        Charge(1);
        if (depth > MaxDepth)
        {
            return false;
        }

        if (!_known.TryGetValue((a, b, depth), out bool holds))
        {
            holds = Find(a, b, depth);
            _known.Add((a, b, depth), holds);
        }

        return holds;
    }

    private bool Find(SchemaShape a, SchemaShape b, int depth)
    {
        if (a.Alternatives is not null)
        {
            return Array.TrueForAll(AlternativesOf(a), part => Holds(part, b, depth + 1));
        }

        if (b.Alternatives is not null)
        {
            return Array.TrueForAll(AlternativesOf(b), part => Holds(a, part, depth + 1));
        }

        if (!a.IsObject || !b.IsObject)
        {
            return a.IsFalse || b.IsFalse;
        }

        return (a.Types & b.Types) == SchemaTypes.None || ConstantsDiffer(a, b) || PropertiesDiffer(a, b, depth);
    }

    private bool ConstantsDiffer(SchemaShape a, SchemaShape b)
    {
        if (a.Constants is not { } values || b.Constants is not { } others)
        {
            return false;
        }

        (HashSet<JsonElement> few, HashSet<JsonElement> many) = values.Count <= others.Count ? (values, others) : (others, values);
        Charge(few.Count);
        return !few.Any(many.Contains);
    }

    private bool PropertiesDiffer(SchemaShape a, SchemaShape b, int depth)
    {
        if (a.Types != SchemaTypes.Object || b.Types != SchemaTypes.Object)
        {
            return false;
        }

        (SchemaShape few, SchemaShape many) = a.Required.Count <= b.Required.Count ? (a, b) : (b, a);
        Charge(few.Required.Count);
        return few.Required.Where(many.Required.Contains).Any(name =>
            PropertyOf(few, name) is { } mine && PropertyOf(many, name) is { } others && Holds(mine, others, depth + 1));
    }

    private SchemaShape[] AlternativesOf(SchemaShape shape) => shape.KnownAlternatives ??= Array.ConvertAll(shape.Alternatives ?? [], ShapeOf);

    private SchemaShape? PropertyOf(SchemaShape shape, string name)
    {
        if (!shape.KnownProperties.TryGetValue(name, out SchemaShape? known) && shape.Properties.TryGetValue(name, out JsonElement schema))
        {
            known = ShapeOf(schema);
            shape.KnownProperties.Add(name, known);
        }

        return known;
    }

    /// <summary>What a schema looks like behind its references; the same object for the same target.</summary>
    private SchemaShape ShapeOf(JsonElement schema)
    {
        string? path = null;
        for (int i = 0; i < MaxDepth && schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$ref", out JsonElement reference); i++)
        {
            (schema, path) = references.Resolve(reference, "#");
            Charge(1);
        }

        if (path is not null && _shapeOfPath.TryGetValue(path, out SchemaShape? known))
        {
            return known;
        }

        var shape = new SchemaShape(schema, Comparer());
        Charge(shape.Size);
        if (path is not null)
        {
            _shapeOfPath.Add(path, shape);
        }

        return shape;
    }

    private ConstantComparer Comparer() => _comparer ??= new ConstantComparer(() => Charge(1));

    private void Charge(int entries)
    {
        Work += entries;
        if (Work > MaxWork)
        {
            throw SchemaReader.Refuse(_path, $"have entries that can be told apart in {MaxWork} comparisons", "more; use anyOf");
        }
    }
}
