using System.Globalization;
using System.Text.Json;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// One JSON object of a configuration file; every failed look-up is a <see cref="CheckpointException"/> naming file and key. Remembers which
/// keys were asked for, so that those nobody knows can be reported.
/// </summary>
internal sealed class ConfigSection
{
    // Names and values come from a file that anybody may have written: what is shown of one is bounded, and long enough for any tensor's name.
    private const int MaxShownCharacters = 160;

    private readonly JsonElement _element;
    private readonly string _file;
    private readonly string _path;
    private readonly HashSet<string> _known = [];
    private readonly Dictionary<string, ConfigSection> _children = [];

    private ConfigSection(JsonElement element, string file, string path)
    {
        _element = element;
        _file = file;
        _path = path;
    }

    /// <summary>Reads a whole file, which must hold one JSON object.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">Longest accepted file.</param>
    /// <exception cref="CheckpointException">The file is missing, unreadable, too long or not a JSON object.</exception>
    internal static ConfigSection ReadFile(string path, long maxBytes = SideFile.MaxBytes)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length > maxBytes)
            {
                throw new CheckpointException($"{path} must have at most {maxBytes} bytes; got {stream.Length}");
            }

            using JsonDocument document = JsonDocument.Parse(stream);
            JsonElement root = document.RootElement.Clone();
            JsonStrings.Check(root, path);
            return root.ValueKind == JsonValueKind.Object
                ? new ConfigSection(root, path, string.Empty)
                : throw new CheckpointException($"{path} must hold a JSON object; got {root.ValueKind}");
        }
        catch (JsonException exception)
        {
            throw new CheckpointException($"{path} must be JSON; got an error at line {exception.LineNumber}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{path} must be a readable file; got {exception.GetType().Name}", exception);
        }
    }

    /// <summary>The object under a key.</summary>
    internal ConfigSection Section(string key) => TrySection(key) ?? throw Missing(key, "an object");

    /// <summary>The object under a key, or null when there is none.</summary>
    internal ConfigSection? TrySection(string key)
    {
        if (!TryFind(key, out JsonElement value) || value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (!_children.TryGetValue(key, out ConfigSection? section))
        {
            section = new ConfigSection(value, _file, $"{_path}{key}.");
            _children.Add(key, section);
        }

        return section;
    }

    /// <summary>Declares keys that say nothing about inference: training, bookkeeping, what the tokenizer's own files say.</summary>
    internal void Know(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            _known.Add(key);
        }
    }

    /// <summary>Paths of the keys that were neither asked for nor declared, here and in the sections taken from here; safe to show.</summary>
    internal IEnumerable<string> UnknownKeys() => _element.EnumerateObject()
        .Where(member => !_known.Contains(member.Name))
        .Select(member => _path + Shown(member.Name))
        .Concat(_children.Values.SelectMany(child => child.UnknownKeys()));

    /// <summary>Whether the key is there and not null.</summary>
    internal bool Has(string key) => TryFind(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>Whether the key says anything: present, and neither null, false nor empty.</summary>
    internal bool HasContent(string key) => TryFind(key, out JsonElement value) && value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => false,
        JsonValueKind.Array => value.GetArrayLength() > 0,
        JsonValueKind.Object => value.EnumerateObject().Any(),
        _ => true,
    };

    /// <summary>Names of the members.</summary>
    internal IEnumerable<string> Keys() => _element.EnumerateObject().Select(member => member.Name);

    /// <summary>The string under a key that may also hold something else, or null.</summary>
    internal string? StringOrNull(string key) => TryFind(key, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>An integer of 1 to <paramref name="maximum"/>.</summary>
    internal int PositiveInt32(string key, int maximum)
    {
        int value = Int32(key);
        return value >= 1 && value <= maximum
            ? value
            : throw Wrong(key, string.Create(CultureInfo.InvariantCulture, $"positive and at most {maximum}"), value.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>An integer.</summary>
    internal int Int32(string key) =>
        TryFind(key, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number)
            ? number
            : throw Missing(key, "an integer");

    /// <summary>A positive finite number.</summary>
    internal double PositiveDouble(string key)
    {
        double value = TryFind(key, out JsonElement element) && element.ValueKind == JsonValueKind.Number
            ? element.GetDouble()
            : throw Missing(key, "a number");
        return value > 0 && double.IsFinite(value)
            ? value
            : throw Wrong(key, "positive", value.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A number, or the fallback when the key is absent.</summary>
    internal double DoubleOr(string key, double fallback) =>
        !Has(key) ? fallback
        : _element.GetProperty(key) is { ValueKind: JsonValueKind.Number } number && double.IsFinite(number.GetDouble()) ? number.GetDouble()
        : throw Missing(key, "a finite number");

    /// <summary>An integer of 1 to <paramref name="maximum"/>, or the fallback when the key is absent or null.</summary>
    internal int PositiveInt32Or(string key, int maximum, int fallback) => Has(key) ? PositiveInt32(key, maximum) : fallback;

    /// <summary>True or false, or the fallback when the key is absent or null.</summary>
    internal bool BooleanOr(string key, bool fallback) => Has(key) ? Boolean(key) : fallback;

    /// <summary>True or false.</summary>
    internal bool Boolean(string key) =>
        TryFind(key, out JsonElement value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw Missing(key, "true or false");

    /// <summary>A string, or null when the key is absent.</summary>
    internal string? TryString(string key) =>
        !Has(key) ? null
        : _element.GetProperty(key) is { ValueKind: JsonValueKind.String } text ? text.GetString()
        : throw Missing(key, "a string");

    /// <summary>A list of integers; a single integer counts as a list of one.</summary>
    internal IReadOnlyList<int> Int32List(string key)
    {
        if (!TryFind(key, out JsonElement value))
        {
            throw Missing(key, "a list of integers");
        }

        if (value.ValueKind == JsonValueKind.Number)
        {
            return [Int32(key)];
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Missing(key, "a list of integers");
        }

        var numbers = new List<int>();
        foreach (JsonElement item in value.EnumerateArray())
        {
            numbers.Add(item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int number) ? number : throw Missing(key, "a list of integers"));
        }

        return numbers;
    }

    /// <summary>A list of strings; empty when the key is absent or null.</summary>
    internal IReadOnlyList<string> StringListOrEmpty(string key)
    {
        if (!Has(key))
        {
            return [];
        }

        JsonElement value = _element.GetProperty(key);
        return value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray()
                .Select(item => item.ValueKind == JsonValueKind.String && item.GetString() is { } text ? text : throw Missing(key, "a list of strings"))
                .ToArray()
            : throw Missing(key, "a list of strings");
    }

    /// <summary>Name and string value of each member.</summary>
    internal IEnumerable<KeyValuePair<string, string>> StringMembers()
    {
        foreach (JsonProperty member in _element.EnumerateObject())
        {
            yield return new KeyValuePair<string, string>(
                member.Name,
                member.Value.ValueKind == JsonValueKind.String && member.Value.GetString() is { } text ? text : throw Missing(member.Name, "a string"));
        }
    }

    /// <summary>An error about a key that has an unusable value.</summary>
    internal CheckpointException Wrong(string key, string rule, string value) => new($"{_file}: {_path}{Shown(key)} must be {rule}; got {Shown(value)}");

    /// <summary>An error about a key that has an unusable number.</summary>
    internal CheckpointException Wrong(string key, string rule, int value) => Wrong(key, rule, value.ToString(CultureInfo.InvariantCulture));

    private CheckpointException Missing(string key, string rule) =>
        Wrong(key, rule, TryFind(key, out JsonElement value) ? value.ValueKind.ToString() : "nothing");

    private bool TryFind(string key, out JsonElement value)
    {
        _known.Add(key);
        return _element.TryGetProperty(key, out value);
    }

    /// <summary>A name or value of a file as messages show it: printable and of bounded length.</summary>
    internal static string Shown(string text)
    {
        string start = text.Length > MaxShownCharacters ? text[..MaxShownCharacters] + "..." : text;
        return string.Concat(start.Select(character => character is >= ' ' and <= '~' ? character : '?'));
    }
}
