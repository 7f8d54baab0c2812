using System.Text;
using System.Text.Json;
using Qwen3VL.Engine.Checkpoints;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>Finds the Jinja text of a model folder's chat template. Only looked at to tell the kinds of checkpoint apart, never executed.</summary>
internal static class ChatTemplateFile
{
    private const string Key = "chat_template";

    /// <summary>The template of the folder, in the order of the reference's loader; null when it ships none.</summary>
    /// <exception cref="CheckpointException">A file that may hold it is unreadable, too long or not JSON.</exception>
    public static string? Find(string folder)
    {
        string plain = Path.Combine(folder, "chat_template.jinja");
        return File.Exists(plain) ? Encoding.UTF8.GetString(SideFile.ReadBytes(plain)) : FindInJson(folder, "chat_template.json") ?? FindInJson(folder, "tokenizer_config.json");
    }

    private static string? FindInJson(string folder, string fileName)
    {
        string path = Path.Combine(folder, fileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(SideFile.ReadBytes(path));
            JsonStrings.Check(document.RootElement, fileName);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(Key, out JsonElement template)
                ? Read(template)
                : null;
        }
        catch (JsonException exception)
        {
            throw new CheckpointException($"{fileName} must be JSON; got an error at line {exception.LineNumber}", exception);
        }
    }

    private static string? Read(JsonElement template) => template.ValueKind switch
    {
        JsonValueKind.String => template.GetString(),
        JsonValueKind.Array => template.EnumerateArray().Where(IsDefault).Select(item => item.GetProperty("template").GetString()).FirstOrDefault(),
        _ => null,
    };

    /// <summary>Whether an item of the list form, <c>{"name": ..., "template": ...}</c>, is the one used when none is asked for.</summary>
    private static bool IsDefault(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty("template", out JsonElement template)
        && template.ValueKind == JsonValueKind.String && item.TryGetProperty("name", out JsonElement name)
        && name.ValueKind == JsonValueKind.String && name.ValueEquals("default");
}
