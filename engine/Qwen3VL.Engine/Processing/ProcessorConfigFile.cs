using System.Globalization;
using System.Text.Json;
using Qwen3VL.Engine.Checkpoints;

namespace Qwen3VL.Engine.Processing;

/// <summary>One opened processor file: typed look-ups whose errors name the file and the key. Owns the parsed document.</summary>
internal sealed class ProcessorConfigFile : IDisposable
{
    private readonly JsonDocument _document;
    private readonly string _name;

    private ProcessorConfigFile(JsonDocument document, string name)
    {
        _document = document;
        _name = name;
    }

    /// <summary>Parses <paramref name="name"/> in <paramref name="folder"/>.</summary>
    /// <exception cref="CheckpointException">The file is missing or not a JSON object.</exception>
    public static ProcessorConfigFile Open(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            throw new CheckpointException($"the model folder must hold {name}; it is missing");
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(SideFile.ReadBytes(path));
        }
        catch (JsonException exception)
        {
            throw new CheckpointException($"{name} must be valid JSON; it breaks at line {exception.LineNumber + 1}", exception);
        }

        if (document.RootElement.ValueKind is not JsonValueKind.Object)
        {
            JsonValueKind kind = document.RootElement.ValueKind;
            document.Dispose();
            throw new CheckpointException($"{name} must be a JSON object; got {kind}");
        }

        try
        {
            JsonStrings.Check(document.RootElement, name);
            return new ProcessorConfigFile(document, name);
        }
        catch
        {
            document.Dispose();
            throw;
        }
    }

    /// <summary>The value at a path of keys; null when a key is missing or the value is JSON null.</summary>
    public JsonElement? Find(params ReadOnlySpan<string> path)
    {
        JsonElement element = _document.RootElement;
        foreach (string key in path)
        {
            if (element.ValueKind is not JsonValueKind.Object || !element.TryGetProperty(key, out element))
            {
                return null;
            }
        }

        return element.ValueKind is JsonValueKind.Null ? null : element;
    }

    /// <summary>A whole number; null when missing.</summary>
    /// <exception cref="CheckpointException">The value is not a whole number.</exception>
    public long? Integer(params ReadOnlySpan<string> path)
    {
        JsonElement? element = Find(path);
        if (element is not { } value)
        {
            return null;
        }

        return value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out long number)
            ? number
            : throw Wrong(string.Join('.', path!), "a whole number", value.GetRawText());
    }

    /// <summary>A number; null when missing.</summary>
    /// <exception cref="CheckpointException">The value is not a number.</exception>
    public double? Number(string key)
    {
        JsonElement? element = Find(key);
        if (element is not { } value)
        {
            return null;
        }

        return value.ValueKind is JsonValueKind.Number ? value.GetDouble() : throw Wrong(key, "a number", value.GetRawText());
    }

    /// <summary>The error for a missing key.</summary>
    public CheckpointException Missing(string key) => new($"{_name} must have {key}; it is missing");

    /// <summary>The error for a value that cannot be used.</summary>
    public CheckpointException Wrong(string key, string rule, object value) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{key} in {_name} must be {rule}; got {ConfigSection.Shown($"{value}")}"));

    /// <inheritdoc/>
    public void Dispose() => _document.Dispose();
}
