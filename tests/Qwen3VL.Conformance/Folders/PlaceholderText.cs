using System.Text.RegularExpressions;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Tokenization;

namespace Qwen3VL.Conformance.Folders;

/// <summary>Rendered chats as text: cuts them at the places of images and clips.</summary>
internal static partial class PlaceholderText
{
    /// <summary>The text between the places is markup; each place stands for the next image or clip, in order.</summary>
    public static IReadOnlyList<PromptSegment> Cut(string text)
    {
        var segments = new List<PromptSegment>();
        int media = 0;
        int start = 0;
        foreach (Match match in Place().Matches(text))
        {
            AddText(start, match.Index);
            PromptSegmentKind kind = match.Value.Contains("video", StringComparison.Ordinal) ? PromptSegmentKind.Video : PromptSegmentKind.Image;
            segments.Add(new PromptSegment(kind, match.Value, media++));
            start = match.Index + match.Length;
        }

        AddText(start, text.Length);
        return segments;

        void AddText(int from, int to)
        {
            if (to > from)
            {
                segments.Add(new PromptSegment(PromptSegmentKind.Markup, text[from..to]));
            }
        }
    }

    /// <summary>A configuration whose placeholder ids are those of a tokenizer.</summary>
    /// <exception cref="InvalidDataException">The tokenizer lacks one of them.</exception>
    public static ModelConfig ConfigOf(ITokenizer tokenizer, ModelConfig config) => config with
    {
        ImageTokenId = Id(tokenizer, "<|image_pad|>"),
        VideoTokenId = Id(tokenizer, "<|video_pad|>"),
        VisionStartTokenId = Id(tokenizer, "<|vision_start|>"),
        VisionEndTokenId = Id(tokenizer, "<|vision_end|>"),
    };

    private static int Id(ITokenizer tokenizer, string token) => tokenizer.TryGetAddedTokenId(token, out int tokenId)
        ? tokenId
        : throw new InvalidDataException($"the tokenizer must have {token}; got none");

    [GeneratedRegex(@"<\|vision_start\|><\|(?:image|video)_pad\|><\|vision_end\|>")]
    private static partial Regex Place();
}
