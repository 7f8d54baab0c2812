using System.Text.Json;
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

    private static bool IsOn(JsonElement item, string name) => item.TryGetProperty(name, out JsonElement value) && value.GetBoolean();

    private static TemplateMessage ReadMessage(JsonElement message)
    {
        bool hasContent = message.TryGetProperty("content", out JsonElement content);
        TemplateItem[] items = content.ValueKind switch
        {
            JsonValueKind.String => [new TemplateItem(TemplateItemKind.Text, content.GetString())],
            JsonValueKind.Array => [.. content.EnumerateArray().Select(ReadItem)],
            _ => [],
        };
        return new TemplateMessage
        {
            Role = message.GetProperty("role").GetString() ?? "",
            Items = items,
            HasContent = hasContent && (content.ValueKind == JsonValueKind.String ? content.GetString() != "" : items.Length > 0),
            ReasoningContent = message.TryGetProperty("reasoning_content", out JsonElement reasoning) ? reasoning.GetString() : null,
            ToolCalls = message.TryGetProperty("tool_calls", out JsonElement calls) ? [.. calls.EnumerateArray().Select(ReadToolCall)] : [],
        };
    }

    private static TemplateItem ReadItem(JsonElement item)
    {
        string? type = item.TryGetProperty("type", out JsonElement value) ? value.GetString() : null;
        string? text = item.TryGetProperty("text", out JsonElement words) ? words.GetString() : null;
        bool isImage = type == "image" || item.TryGetProperty("image", out _) || item.TryGetProperty("image_url", out _);
        bool isVideo = type == "video" || item.TryGetProperty("video", out _);
        return new TemplateItem(isImage ? TemplateItemKind.Image : isVideo ? TemplateItemKind.Video : TemplateItemKind.Text, text);
    }

    private static TemplateToolCall ReadToolCall(JsonElement call)
    {
        JsonElement function = call.TryGetProperty("function", out JsonElement inner) ? inner : call;
        return new TemplateToolCall(function.GetProperty("name").GetString() ?? "", function.GetProperty("arguments"));
    }
}
