namespace Qwen3VL.Engine.Tokenization;

/// <summary>One rendering of a chat: its messages and options, and the counters that number pictures and clips. Used once, by one thread.</summary>
internal sealed class TemplateChat
{
    private readonly int[] _firstMediaIndex;
    private int _numImages;
    private int _numVideos;

    /// <summary>Starts a rendering.</summary>
    public TemplateChat(IReadOnlyList<TemplateMessage> messages, TemplateOptions options)
    {
        Messages = messages;
        Options = options;
        _firstMediaIndex = new int[messages.Count];
        for (int index = 1; index < messages.Count; index++)
        {
            _firstMediaIndex[index] = _firstMediaIndex[index - 1] + messages[index - 1].Items.Count(item => item.Kind != TemplateItemKind.Text);
        }
    }

    /// <summary>The messages, at least one.</summary>
    public IReadOnlyList<TemplateMessage> Messages { get; }

    /// <summary>How to render them.</summary>
    public TemplateOptions Options { get; }

    /// <summary>Whether the chat begins with a system message.</summary>
    public bool BeginsWithSystem => Messages[0].Role == TemplateRoles.System;

    /// <summary>Whether the message stands in a row of tool messages after another one.</summary>
    public bool FollowsTool(int index) => index > 0 && Messages[index - 1].Role == TemplateRoles.Tool;

    /// <summary>Whether another tool message comes next.</summary>
    public bool PrecedesTool(int index) => index + 1 < Messages.Count && Messages[index + 1].Role == TemplateRoles.Tool;

    /// <summary>Renders the text items of a message; media in it vanish and are not counted.</summary>
    public RenderedContent RenderText(int index)
    {
        var writer = new SegmentWriter();
        foreach (TemplateItem item in Messages[index].Items)
        {
            writer.Text(item.Text);
        }

        return new RenderedContent(writer.ToSegments());
    }

    /// <summary>Renders a message with its media; <paramref name="advancesCounters"/> is off where the template only looks ahead.</summary>
    public RenderedContent RenderAll(int index, bool advancesCounters)
    {
        var writer = new SegmentWriter();
        int mediaIndex = _firstMediaIndex[index];
        foreach (TemplateItem item in Messages[index].Items)
        {
            switch (item.Kind)
            {
                case TemplateItemKind.Image:
                    _numImages += advancesCounters ? 1 : 0;
                    writer.Markup(Options.AddVisionId ? $"Picture {_numImages}: " : "");
                    writer.Image(mediaIndex++);
                    break;
                case TemplateItemKind.Video:
                    _numVideos += advancesCounters ? 1 : 0;
                    writer.Markup(Options.AddVisionId ? $"Video {_numVideos}: " : "");
                    writer.Video(mediaIndex++);
                    break;
                default:
                    writer.Text(item.Text);
                    break;
            }
        }

        return new RenderedContent(writer.ToSegments());
    }
}
