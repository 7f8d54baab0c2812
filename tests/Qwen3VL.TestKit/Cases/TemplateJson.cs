using System.Text.Json;
using Qwen3VL.Engine;
using Qwen3VL.Engine.Tokenization;

namespace Qwen3VL.TestKit.Cases;

/// <summary>Builds template messages from the message lists of the goldens, by the rules of the Jinja templates.</summary>
internal static class TemplateJson
{
    public static TemplateMessage[] ReadMessages(JsonElement item) =>
        [.. item.GetProperty("messages").EnumerateArray().Select(ReadMessage)];

    public static TemplateOptions ReadOptions(JsonElement item) => new()
    {
        AddGenerationPrompt = IsOn(item, "add_generation_prompt"),
        AddVisionId = IsOn(item, "add_vision_id"),
        Tools = item.TryGetProperty("tools", out JsonElement tools) && tools.ValueKind == JsonValueKind.Array ? [.. tools.EnumerateArray()] : [],
    };

    private static bool IsOn(JsonElement item, string name) => item.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.True;

    private static TemplateMessage ReadMessage(JsonElement message)
    {
        bool hasContent = message.TryGetProperty("content", out JsonElement content);
        TemplateItem[] items = content.ValueKind switch
        {
            JsonValueKind.String => [new TemplateItem(TemplateItemKind.Text, content.GetString())],
            JsonValueKind.Array => [.. content.EnumerateArray().Select(ReadItem)],
            JsonValueKind.Undefined => [],
            _ => throw new InvalidRequestException($"content must be text or a list, or be left out; got {content.ValueKind}"),
        };
        return new TemplateMessage
        {
            Role = message.GetProperty("role").GetString() ?? "",
            Items = items,
            HasContent = hasContent && (content.ValueKind == JsonValueKind.String ? content.GetString() != "" : items.Length > 0),
            ReasoningContent = message.TryGetProperty("reasoning_content", out JsonElement reasoning) && reasoning.ValueKind == JsonValueKind.String
                ? reasoning.GetString()
                : null,
            ToolCalls = message.TryGetProperty("tool_calls", out JsonElement calls) && calls.ValueKind == JsonValueKind.Array
                ? [.. calls.EnumerateArray().Select(ReadToolCall)]
                : [],
        };
    }

    private static TemplateItem ReadItem(JsonElement item)
    {
        string? type = item.TryGetProperty("type", out JsonElement value) ? Print(value) : null;
        string? text = item.TryGetProperty("text", out JsonElement words) ? Print(words) : null;
        bool isImage = type == "image" || item.TryGetProperty("image", out _) || item.TryGetProperty("image_url", out _);
        bool isVideo = type == "video" || item.TryGetProperty("video", out _);
        return new TemplateItem(isImage ? TemplateItemKind.Image : isVideo ? TemplateItemKind.Video : TemplateItemKind.Text, text);
    }

    private static ToolCall ReadToolCall(JsonElement call)
    {
        // Jinja takes an empty or null function for none.
        bool hasFunction = call.TryGetProperty("function", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object && inner.EnumerateObject().Any();
        JsonElement function = hasFunction ? inner : call;
        return new ToolCall(
            function.TryGetProperty("name", out JsonElement name) ? Print(name) : "",
            function.TryGetProperty("arguments", out JsonElement arguments)
                ? arguments
                : throw new InvalidRequestException("arguments of a tool call must be given; got none"));
    }

    /// <summary>A value as Jinja prints it where a template expects a string.</summary>
    private static string Print(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() ?? "",
        JsonValueKind.Null => "None",
        JsonValueKind.True => "True",
        JsonValueKind.False => "False",
        _ => PythonJson.Write(value),
    };
}
