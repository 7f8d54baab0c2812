namespace Qwen3VL.Engine.Tokenization;

/// <summary>The <c>chat_template</c> of Qwen3-VL Instruct checkpoints (spec 5.6).</summary>
internal sealed class InstructTemplate : ChatTemplate
{
    /// <inheritdoc/>
    public override bool StartsInReasoning => false;

    private protected override bool KeepsLaterSystemMessages => false;

    private protected override void RenderMessages(TemplateChat chat, SegmentWriter writer)
    {
        if (chat.BeginsWithSystem || chat.Options.Tools.Count > 0)
        {
            WriteSystemTurn(chat.BeginsWithSystem ? chat.RenderText(0) : null, chat.Options.Tools, writer);
        }

        for (int index = 0; index < chat.Messages.Count; index++)
        {
            switch (chat.Messages[index].Role)
            {
                case TemplateRoles.User:
                    writer.Markup("<|im_start|>user\n");
                    chat.RenderAll(index, advancesCounters: true).WriteTo(writer);
                    writer.Markup("<|im_end|>\n");
                    break;
                case TemplateRoles.Assistant:
                    TemplateMessage message = chat.Messages[index];
                    writer.Markup("<|im_start|>assistant\n");
                    chat.RenderText(index).WriteTo(writer);
                    WriteToolCalls(message.ToolCalls, message.HasContent, writer);
                    writer.Markup("<|im_end|>\n");
                    break;
                case TemplateRoles.Tool:
                    WriteToolResponse(chat, index, chat.RenderAll(index, advancesCounters: true), writer);
                    break;
                default:
                    // A system message that is not the first, and unknown roles, are passed over by the template.
                    break;
            }
        }

        if (chat.Options.AddGenerationPrompt)
        {
            writer.Markup("<|im_start|>assistant\n");
        }
    }
}
