using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Tokenization;

namespace Qwen3VL.Engine.Processing;

/// <summary>
/// Turns a rendered chat into token ids in which every merged vision token has its own placeholder (spec 5.5).
/// </summary>
/// <remarks>
/// <code>
/// image  vision_start, image_pad x rows, vision_end
/// clip   for each frame pair: "&lt;1.3 seconds&gt;", vision_start, video_pad x rows of a frame, vision_end
/// </code>
/// A clip has no outer vision_start and vision_end, as in huggingface/transformers v4.57.6 <c>processing_qwen3_vl.py</c>. Each time text is
/// encoded on its own, as vllm-project/vllm <c>qwen3_vl.py</c> (<c>get_video_repl</c>) does. Thread-safe when the tokenizer is.
/// </remarks>
internal sealed class PlaceholderExpander
{
    private readonly ITokenizer _tokenizer;
    private readonly ModelConfig _config;

    /// <summary>Creates one for the ids of <paramref name="config"/>.</summary>
    public PlaceholderExpander(ITokenizer tokenizer, ModelConfig config)
    {
        _tokenizer = tokenizer;
        _config = config;
    }

    /// <summary>Expands.</summary>
    /// <param name="segments">The rendered chat.</param>
    /// <param name="media">What each media segment stands for, by its media index.</param>
    public ExpandedPrompt Expand(IReadOnlyList<PromptSegment> segments, IReadOnlyList<ProcessedMedia> media)
    {
        int[] itemOffsets = new int[media.Count];
        List<int> ids = [];
        List<MediaSpan> found = [];
        List<PromptSegment> text = [];
        foreach (PromptSegment segment in segments)
        {
            if (segment.Kind is PromptSegmentKind.Markup or PromptSegmentKind.Text)
            {
                text.Add(segment);
                continue;
            }

            FlushText(text, ids);
            ProcessedMedia item = media[segment.MediaIndex];
            itemOffsets[segment.MediaIndex] = ids.Count;
            if (segment.Kind is PromptSegmentKind.Image)
            {
                AppendRun(segment.MediaIndex, firstRow: 0, item.Grid.NumRows, _config.ImageTokenId, ids, found);
            }
            else
            {
                AppendClip(segment.MediaIndex, item, ids, found);
            }
        }

        FlushText(text, ids);
        return new ExpandedPrompt([.. ids], found, itemOffsets);
    }

    private void AppendClip(int mediaIndex, ProcessedMedia clip, List<int> ids, List<MediaSpan> spans)
    {
        int rowsPerFrame = clip.Grid.RowsPerFrame;
        for (int pair = 0; pair < clip.Grid.Time; pair++)
        {
            ids.AddRange(_tokenizer.Encode($"<{clip.PairTimesSeconds[pair]} seconds>", allowSpecial: false));
            AppendRun(mediaIndex, pair * rowsPerFrame, rowsPerFrame, _config.VideoTokenId, ids, spans);
        }
    }

    private void AppendRun(int mediaIndex, int firstRow, int rows, int placeholderId, List<int> ids, List<MediaSpan> spans)
    {
        ids.Add(_config.VisionStartTokenId);
        spans.Add(new MediaSpan(mediaIndex, ids.Count, rows, firstRow));
        for (int i = 0; i < rows; i++)
        {
            ids.Add(placeholderId);
        }

        ids.Add(_config.VisionEndTokenId);
    }

    /// <summary>Encodes the text segments gathered so far as one text: words join across their borders.</summary>
    private void FlushText(List<PromptSegment> text, List<int> ids)
    {
        if (text.Count > 0)
        {
            ids.AddRange(_tokenizer.Encode(text));
            text.Clear();
        }
    }
}
