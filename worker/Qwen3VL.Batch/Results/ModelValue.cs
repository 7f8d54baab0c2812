using System.Globalization;

namespace Qwen3VL.Batch.Results;

/// <summary>
/// A value that the model wrote. Unlike a JSON document's it may be NaN, and reading it as a number or a text never throws: the reader of a
/// field decides what it accepts.
/// </summary>
internal sealed class ModelValue
{
    private static readonly IReadOnlyDictionary<string, ModelValue> NoMembers = new Dictionary<string, ModelValue>();

    private readonly double _number;
    private readonly string _text = "";

    private ModelValue(ModelValueKind kind, double number = 0, string text = "")
    {
        Kind = kind;
        _number = number;
        _text = text;
    }

    /// <summary>null.</summary>
    public static ModelValue Null { get; } = new(ModelValueKind.Null);

    /// <summary>What it is.</summary>
    public ModelValueKind Kind { get; }

    /// <summary>Items of a list; otherwise empty.</summary>
    public IReadOnlyList<ModelValue> Items { get; private init; } = [];

    /// <summary>Members of an object, the last of equal keys; otherwise empty.</summary>
    public IReadOnlyDictionary<string, ModelValue> Members { get; private init; } = NoMembers;

    /// <summary>A number.</summary>
    public static ModelValue Number(double number) => new(ModelValueKind.Number, number);

    /// <summary>A truth value.</summary>
    public static ModelValue Boolean(bool value) => new(ModelValueKind.Boolean, text: value ? "true" : "false");

    /// <summary>A string.</summary>
    public static ModelValue Text(string text) => new(ModelValueKind.Text, text: text);

    /// <summary>A list; the caller gives the items up.</summary>
    public static ModelValue List(IReadOnlyList<ModelValue> items) => new(ModelValueKind.List) { Items = items };

    /// <summary>An object; the caller gives the members up.</summary>
    public static ModelValue Object(IReadOnlyDictionary<string, ModelValue> members) => new(ModelValueKind.Object) { Members = members };

    /// <summary>Reads a finite number, also one that was written as a string.</summary>
    public bool TryGetNumber(out double number)
    {
        number = _number;
        return Kind switch
        {
            ModelValueKind.Number => double.IsFinite(number),
            ModelValueKind.Text => double.TryParse(_text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number),
            _ => false,
        };
    }

    /// <summary>Reads a text; a number is written out.</summary>
    public bool TryGetText(out string text)
    {
        text = Kind == ModelValueKind.Number ? _number.ToString(CultureInfo.InvariantCulture) : _text;
        return Kind is ModelValueKind.Text or ModelValueKind.Number;
    }

    /// <summary>
    /// Reads exactly <paramref name="count"/> finite numbers: a list of them, a list of lists of them (two corners), or a string of numbers with
    /// blanks or commas between.
    /// </summary>
    public bool TryGetNumbers(int count, out IReadOnlyList<double> numbers)
    {
        var found = new List<double>(count);
        bool readable = CollectNumbers(found, count, depth: 0);
        numbers = found;
        return readable && found.Count == count;
    }

    private bool CollectNumbers(List<double> found, int count, int depth)
    {
        if (Kind == ModelValueKind.List && depth < 2)
        {
            return Items.Count <= count && Items.All(item => item.CollectNumbers(found, count, depth + 1));
        }

        if (Kind == ModelValueKind.Text && depth == 0)
        {
            string[] words = _text.Split([' ', ',', '[', ']', '(', ')', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
            return words.Length == count && words.All(word => Text(word).CollectNumbers(found, count, depth: 1));
        }

        if (!TryGetNumber(out double number) || found.Count == count)
        {
            return false;
        }

        found.Add(number);
        return true;
    }
}
