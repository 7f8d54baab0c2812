namespace Qwen3VL.Engine.Processing;

/// <summary>A rendered chat as token ids in which every merged vision token has its own placeholder.</summary>
/// <param name="TokenIds">Checkpoint ids.</param>
/// <param name="Spans">Placeholder runs by offset: each a whole image or one frame pair.</param>
/// <param name="ItemOffsets">By media index: the item's first token, which is the first time text's for a clip and vision_start for an image.</param>
internal sealed record ExpandedPrompt(int[] TokenIds, IReadOnlyList<MediaSpan> Spans, IReadOnlyList<int> ItemOffsets);
