namespace Qwen3VL.Engine.Processing;

/// <summary>A request as the model reads it.</summary>
/// <param name="TokenIds">Checkpoint ids, placeholders expanded.</param>
/// <param name="Positions"><c>[3, tokens]</c> row-major: T, H and W position of each token.</param>
/// <param name="PositionDelta">Token index + this = position of a generated token on all axes (spec 4.3).</param>
/// <param name="Spans">Placeholder runs, by offset: each a whole image, one frame pair, or the whole range of a pruned clip.</param>
/// <param name="Media">The media items in prompt order.</param>
public sealed record ProcessedPrompt(
    int[] TokenIds,
    int[] Positions,
    int PositionDelta,
    IReadOnlyList<MediaSpan> Spans,
    IReadOnlyList<ProcessedMedia> Media)
{
    /// <summary>
    /// Clips some of whose vision tokens are dropped, by offset. Such a clip has one span over its whole range, text included; the ids and
    /// positions of the range are provisional.
    /// </summary>
    internal IReadOnlyList<PrunedClip> PrunedClips { get; init; } = [];

    /// <summary>The pruned clip of a media item; null when all its rows stay.</summary>
    internal PrunedClip? FindPruned(int mediaIndex)
    {
        foreach (PrunedClip clip in PrunedClips)
        {
            if (clip.MediaIndex == mediaIndex)
            {
                return clip;
            }
        }

        return null;
    }

    /// <summary>Vision tokens of a media item in the prompt.</summary>
    internal int NumRows(int mediaIndex) => FindPruned(mediaIndex)?.NumKeptRows ?? Media[mediaIndex].Grid.NumRows;
}
