namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// The content of one message, rendered: one string that the template's logic can search and cut, which remembers what each part of it is.
/// </summary>
internal sealed class RenderedContent
{
    private readonly IReadOnlyList<PromptSegment> _segments;

    /// <summary>Joins segments.</summary>
    public RenderedContent(IReadOnlyList<PromptSegment> segments)
    {
        _segments = segments;
        Text = string.Concat(segments.Select(segment => segment.Text));
    }

    /// <summary>The whole text.</summary>
    public string Text { get; }

    /// <summary>Writes everything.</summary>
    public void WriteTo(SegmentWriter writer) => WriteTo(writer, 0, Text.Length);

    /// <summary>Writes the characters from <paramref name="start"/> to before <paramref name="end"/>; cuts never fall inside a media segment.</summary>
    public void WriteTo(SegmentWriter writer, int start, int end)
    {
        int offset = 0;
        foreach (PromptSegment segment in _segments)
        {
            int from = Math.Clamp(start - offset, 0, segment.Text.Length);
            int to = Math.Clamp(end - offset, 0, segment.Text.Length);
            if (from < to)
            {
                writer.Segment(segment with { Text = segment.Text[from..to] });
            }

            offset += segment.Text.Length;
        }
    }
}
