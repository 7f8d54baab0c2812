namespace Qwen3VL.Engine.Tokenization;

/// <summary>The <c>chat_template</c> of Qwen3-VL Thinking checkpoints (spec 5.6): reasoning before the last query is dropped.</summary>
internal sealed class ThinkingTemplate : ChatTemplate
{
    private const string ToolResponseStart = "<tool_response>";
    private const string ToolResponseEnd = "</tool_response>";

    /// <inheritdoc/>
    public override bool StartsInReasoning => true;

    private protected override bool KeepsLaterSystemMessages => true;

    private protected override void RenderMessages(TemplateChat chat, SegmentWriter writer)
    {
        if (chat.BeginsWithSystem || chat.Options.Tools.Count > 0)
        {
            // The template renders this content without counting its media, and counts them below without writing it.
            RenderedContent? system = chat.BeginsWithSystem ? chat.RenderAll(0, advancesCounters: false) : null;
            WriteSystemTurn(system, chat.Options.Tools, writer);
        }

        int lastQuery = FindLastQuery(chat);
        for (int index = 0; index < chat.Messages.Count; index++)
        {
            RenderedContent content = chat.RenderAll(index, advancesCounters: true);
            switch (chat.Messages[index].Role)
            {
                case TemplateRoles.System when index == 0:
                    break;
                case TemplateRoles.System or TemplateRoles.User:
                    writer.Markup($"<|im_start|>{chat.Messages[index].Role}\n");
                    content.WriteTo(writer);
                    writer.Markup("<|im_end|>\n");
                    break;
                case TemplateRoles.Assistant:
                    bool keepsReasoning = index > lastQuery;
                    WriteAssistant(chat.Messages[index], content, keepsReasoning, index == chat.Messages.Count - 1, writer);
                    break;
                case TemplateRoles.Tool:
                    WriteToolResponse(chat, index, content, writer);
                    break;
                default:
                    // Unknown roles are passed over by the template, but their media are counted.
                    break;
            }
        }

        if (chat.Options.AddGenerationPrompt)
        {
            writer.Markup("<|im_start|>assistant\n<think>\n");
        }
    }

    /// <summary>The last user message that is not a wrapped tool response; the last message when there is none.</summary>
    private static int FindLastQuery(TemplateChat chat)
    {
        for (int index = chat.Messages.Count - 1; index >= 0; index--)
        {
            if (chat.Messages[index].Role == TemplateRoles.User)
            {
                string text = chat.RenderAll(index, advancesCounters: false).Text;
                if (!text.StartsWith(ToolResponseStart, StringComparison.Ordinal) || !text.EndsWith(ToolResponseEnd, StringComparison.Ordinal))
                {
                    return index;
                }
            }
        }

        return chat.Messages.Count - 1;
    }

    private static void WriteAssistant(TemplateMessage message, RenderedContent content, bool keepsReasoning, bool isLast, SegmentWriter writer)
    {
        (Range reasoningRange, int contentStart) = Split(content.Text, message.ReasoningContent is not null);
        RenderedContent reasoning = message.ReasoningContent is { } given
            ? new RenderedContent([new PromptSegment(PromptSegmentKind.Text, given)])
            : content;
        (int start, int length) = message.ReasoningContent is { } text ? (0, text.Length) : reasoningRange.GetOffsetAndLength(content.Text.Length);

        writer.Markup("<|im_start|>assistant\n");
        bool hasContent = contentStart < content.Text.Length;
        if (keepsReasoning && (isLast || length > 0))
        {
            writer.Markup("<think>\n");
            Range trimmed = Trim(reasoning.Text, start, start + length);
            reasoning.WriteTo(writer, trimmed.Start.Value, trimmed.End.Value);
            writer.Markup("\n</think>\n\n");
            contentStart = SkipLineBreaks(content.Text, contentStart);
        }

        content.WriteTo(writer, contentStart, content.Text.Length);
        WriteToolCalls(message.ToolCalls, hasContent, writer);
        writer.Markup("<|im_end|>\n");
    }

    /// <summary>
    /// Where reasoning and answer stand in a content: reasoning before the first closing tag and after the last opening tag in it, the
    /// answer after the last closing tag. What stands between two closing tags is lost.
    /// </summary>
    private static (Range Reasoning, int ContentStart) Split(string text, bool isReasoningGiven)
    {
        int close = isReasoningGiven ? -1 : text.IndexOf(ReasoningTags.Close, StringComparison.Ordinal);
        if (close < 0)
        {
            return (0..0, 0);
        }

        int end = close;
        while (end > 0 && text[end - 1] == '\n')
        {
            end--;
        }

        int open = text.AsSpan(0, end).LastIndexOf(ReasoningTags.Open, StringComparison.Ordinal);
        int start = open < 0 ? 0 : open + ReasoningTags.Open.Length;
        while (start < end && text[start] == '\n')
        {
            start++;
        }

        int lastClose = text.LastIndexOf(ReasoningTags.Close, StringComparison.Ordinal);
        return (start..end, SkipLineBreaks(text, lastClose + ReasoningTags.Close.Length));
    }

    private static Range Trim(string text, int start, int end)
    {
        while (start < end && text[start] == '\n')
        {
            start++;
        }

        while (end > start && text[end - 1] == '\n')
        {
            end--;
        }

        return start..end;
    }

    private static int SkipLineBreaks(string text, int start)
    {
        while (start < text.Length && text[start] == '\n')
        {
            start++;
        }

        return start;
    }
}
