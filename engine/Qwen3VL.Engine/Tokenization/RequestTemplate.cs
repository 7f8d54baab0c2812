using System.Text.Json;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>What a caller's request is to the chat templates: the same chat in their terms, checked.</summary>
internal static class RequestTemplate
{
    /// <summary>The messages of a request.</summary>
    /// <exception cref="InvalidRequestException">A role or part is unknown, or a turn that is not the assistant's reasons or calls.</exception>
    public static IReadOnlyList<TemplateMessage> MessagesOf(GenerationRequest request) => [.. request.Messages.Select(ToTemplateMessage)];

    /// <summary>The options of a request, the start of the answer included.</summary>
    /// <exception cref="InvalidRequestException">A function is no JSON object, or cannot be written.</exception>
    public static TemplateOptions OptionsOf(GenerationRequest request)
    {
        foreach (JsonElement tool in request.Tools)
        {
            if (tool.ValueKind != JsonValueKind.Object)
            {
                throw new InvalidRequestException($"tools must be JSON objects; got {tool.ValueKind}");
            }

            CheckWritable(tool, "tools");
        }

        return new TemplateOptions { Tools = request.Tools, AddVisionId = request.AddVisionId };
    }

    private static TemplateMessage ToTemplateMessage(ChatMessage message)
    {
        if (message.Role != ChatRole.Assistant && (message.ToolCalls.Count > 0 || message.ReasoningContent is not null))
        {
            throw new InvalidRequestException($"tool calls and reasoning must stand in assistant messages; got some in one of {message.Role}");
        }

        foreach (ToolCall call in message.ToolCalls)
        {
            CheckWritable(call.Arguments, "arguments of a tool call");
        }

        return new TemplateMessage
        {
            Role = RoleOf(message),
            Items = [.. message.Parts.Select(ToTemplateItem)],
            HasContent = message.Parts.Count > 0,
            ReasoningContent = message.ReasoningContent,
            ToolCalls = message.ToolCalls,
        };
    }

    private static string RoleOf(ChatMessage message) => message.Role switch
    {
        ChatRole.System => TemplateRoles.System,
        ChatRole.User => TemplateRoles.User,
        ChatRole.Assistant => TemplateRoles.Assistant,
        ChatRole.Tool => TemplateRoles.Tool,
        _ => throw new InvalidRequestException($"role must be a known one; got {message.Role}"),
    };

    private static TemplateItem ToTemplateItem(PromptPart part) => part switch
    {
        TextPart text => new TemplateItem(TemplateItemKind.Text, text.Text),
        ImagePart => new TemplateItem(TemplateItemKind.Image),
        VideoPart => new TemplateItem(TemplateItemKind.Video),
        _ => throw new InvalidRequestException($"part must be text, image or clip; got {part.GetType().Name}"),
    };

    private static void CheckWritable(JsonElement value, string what)
    {
        try
        {
            PythonJson.Write(value);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidRequestException($"{what} must be well-formed JSON of at most {PythonJson.MaxDepth} levels; got other", exception);
        }
    }
}
