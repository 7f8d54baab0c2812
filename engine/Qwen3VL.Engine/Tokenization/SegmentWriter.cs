using System.Text;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// Collects the segments of a chat; neighbours of the same kind join, media stand alone. Nothing that is written as text can become markup.
/// </summary>
internal sealed class SegmentWriter
{
    private const string ImageText = "<|vision_start|><|image_pad|><|vision_end|>";
    private const string VideoText = "<|vision_start|><|video_pad|><|vision_end|>";

    private readonly List<PromptSegment> _segments = [];
    private readonly StringBuilder _open = new();
    private PromptSegmentKind _openKind;

    /// <summary>Appends what the template itself says.</summary>
    public void Markup(string text) => Append(PromptSegmentKind.Markup, text);

    /// <summary>Appends what somebody else says.</summary>
    public void Text(ReadOnlySpan<char> text) => Append(PromptSegmentKind.Text, text);

    /// <summary>Appends a picture.</summary>
    public void Image(int mediaIndex) => Media(new PromptSegment(PromptSegmentKind.Image, ImageText, mediaIndex));

    /// <summary>Appends a clip.</summary>
    public void Video(int mediaIndex) => Media(new PromptSegment(PromptSegmentKind.Video, VideoText, mediaIndex));

    /// <summary>Appends a segment made elsewhere.</summary>
    public void Segment(PromptSegment segment)
    {
        if (segment.Kind is PromptSegmentKind.Image or PromptSegmentKind.Video)
        {
            Media(segment);
        }
        else
        {
            Append(segment.Kind, segment.Text);
        }
    }

    /// <summary>Everything so far; the caller owns the list.</summary>
    public IReadOnlyList<PromptSegment> ToSegments()
    {
        Close();
        return [.. _segments];
    }

    private void Append(PromptSegmentKind kind, ReadOnlySpan<char> text)
    {
        if (kind != _openKind)
        {
            Close();
            _openKind = kind;
        }

        _open.Append(text);
    }

    private void Media(PromptSegment segment)
    {
        Close();
        _segments.Add(segment);
    }

    private void Close()
    {
        if (_open.Length > 0)
        {
            _segments.Add(new PromptSegment(_openKind, _open.ToString()));
            _open.Clear();
        }
    }
}
