using System.Text.Json;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// Renders a chat as the checkpoint's own Jinja template does (spec 5.6), keeping apart what the template says (markup) and what callers say
/// (text). Two templates exist, one per kind of checkpoint; both are immutable and thread-safe.
/// </summary>
internal abstract class ChatTemplate
{
    private const string ToolsHead = "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
        + "You are provided with function signatures within <tools></tools> XML tags:\n<tools>";

    private const string ToolsTail = "\n</tools>\n\nFor each function call, return a json object with function name and arguments within "
        + "<tool_call></tool_call> XML tags:\n<tool_call>\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call>";

    private protected ChatTemplate()
    {
    }

    /// <summary>The template of Instruct checkpoints.</summary>
    public static ChatTemplate Instruct { get; } = new InstructTemplate();

    /// <summary>The template of Thinking checkpoints, whose answers begin inside the reasoning.</summary>
    public static ChatTemplate Thinking { get; } = new ThinkingTemplate();

    /// <summary>Whether a generated answer begins inside the reasoning; see <see cref="ReasoningTags"/>.</summary>
    public abstract bool StartsInReasoning { get; }

    /// <summary>Whether a system message after the first message is rendered; otherwise it would vanish.</summary>
    private protected abstract bool KeepsLaterSystemMessages { get; }

    /// <summary>
    /// Chooses by the template that the folder ships (<c>chat_template.jinja</c>, then <c>chat_template.json</c>, then
    /// <c>tokenizer_config.json</c>): Thinking when its generation prompt opens the reasoning. A folder without template is Instruct.
    /// </summary>
    /// <exception cref="CheckpointException">One of these files is not JSON.</exception>
    public static ChatTemplate Detect(string folder)
    {
        const string GenerationPromptSwitch = "add_generation_prompt";
        string template = ChatTemplateFile.Find(folder) ?? "";
        int start = template.LastIndexOf(GenerationPromptSwitch, StringComparison.Ordinal);
        return start >= 0 && template.AsSpan(start).Contains(ReasoningTags.Open, StringComparison.Ordinal) ? Thinking : Instruct;
    }

    /// <summary>Renders a request's messages and the start of the answer.</summary>
    /// <exception cref="InvalidRequestException">There is no message, or the template would drop something that was said.</exception>
    public IReadOnlyList<PromptSegment> Render(IReadOnlyList<ChatMessage> messages) => Render(new GenerationRequest { Messages = messages });

    /// <summary>Renders a request's functions and messages, and the start of the answer.</summary>
    /// <exception cref="InvalidRequestException">
    /// There is no message, the template would drop something that was said, or functions or calls are not what they must be.
    /// </exception>
    public IReadOnlyList<PromptSegment> Render(GenerationRequest request)
    {
        IReadOnlyList<ChatMessage> messages = request.Messages;
        if (!KeepsLaterSystemMessages && messages.Skip(1).Any(message => message.Role == ChatRole.System))
        {
            throw new InvalidRequestException("system messages must come first for this model; got a later one");
        }

        IReadOnlyList<PromptSegment> segments = Render(RequestTemplate.MessagesOf(request), RequestTemplate.OptionsOf(request));
        int numMedia = messages.Sum(message => message.Parts.Count(part => part is not TextPart));
        int numRendered = segments.Count(segment => segment.MediaIndex >= 0);
        if (numMedia != numRendered)
        {
            throw new InvalidRequestException(
                $"images and clips must stand in user or tool messages for this model; got {numMedia}, of which {numMedia - numRendered} elsewhere");
        }

        return segments;
    }

    /// <summary>Renders messages. Media indices count the media items of all messages in order, also of those that the template drops.</summary>
    /// <exception cref="InvalidRequestException">There is no message.</exception>
    public IReadOnlyList<PromptSegment> Render(IReadOnlyList<TemplateMessage> messages, TemplateOptions options)
    {
        if (messages.Count == 0)
        {
            throw new InvalidRequestException("messages must hold at least one; got 0");
        }

        var writer = new SegmentWriter();
        RenderMessages(new TemplateChat(messages, options), writer);
        return writer.ToSegments();
    }

    /// <summary>Writes the whole chat.</summary>
    private protected abstract void RenderMessages(TemplateChat chat, SegmentWriter writer);

    /// <summary>Writes the first turn: the system message if there is one, then the functions if there are any.</summary>
    private protected static void WriteSystemTurn(RenderedContent? system, IReadOnlyList<JsonElement> tools, SegmentWriter writer)
    {
        writer.Markup("<|im_start|>system\n");
        system?.WriteTo(writer);
        if (tools.Count > 0)
        {
            writer.Markup(system is null ? ToolsHead : "\n\n" + ToolsHead);
            foreach (JsonElement tool in tools)
            {
                writer.Markup("\n");
                writer.Text(PythonJson.Write(tool));
            }

            writer.Markup(ToolsTail);
        }

        writer.Markup("<|im_end|>\n");
    }

    /// <summary>Writes a tool message; neighbours share one user turn.</summary>
    private protected static void WriteToolResponse(TemplateChat chat, int index, RenderedContent content, SegmentWriter writer)
    {
        writer.Markup(chat.FollowsTool(index) ? "\n<tool_response>\n" : "<|im_start|>user\n<tool_response>\n");
        content.WriteTo(writer);
        writer.Markup(chat.PrecedesTool(index) ? "\n</tool_response>" : "\n</tool_response><|im_end|>\n");
    }

    /// <summary>Writes the calls of an assistant message.</summary>
    private protected static void WriteToolCalls(IReadOnlyList<ToolCall> calls, bool followsContent, SegmentWriter writer)
    {
        for (int index = 0; index < calls.Count; index++)
        {
            writer.Markup(index > 0 || followsContent ? "\n<tool_call>\n{\"name\": \"" : "<tool_call>\n{\"name\": \"");
            writer.Text(calls[index].Name);
            writer.Markup("\", \"arguments\": ");
            JsonElement arguments = calls[index].Arguments;
            writer.Text(arguments.ValueKind == JsonValueKind.String ? arguments.GetString() : PythonJson.Write(arguments));
            writer.Markup("}\n</tool_call>");
        }
    }
}
