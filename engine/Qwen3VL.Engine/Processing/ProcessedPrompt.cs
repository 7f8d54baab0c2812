namespace Qwen3VL.Engine.Processing;

/// <summary>A request as the model reads it.</summary>
/// <param name="TokenIds">Checkpoint ids, placeholders expanded.</param>
/// <param name="Positions"><c>[3, tokens]</c> row-major: T, H and W position of each token.</param>
/// <param name="PositionDelta">Token index + this = position of a generated token on all axes (spec 4.3).</param>
/// <param name="Spans">Placeholder runs, by offset.</param>
/// <param name="Media">The media items in prompt order.</param>
public sealed record ProcessedPrompt(
    int[] TokenIds,
    int[] Positions,
    int PositionDelta,
    IReadOnlyList<MediaSpan> Spans,
    IReadOnlyList<ProcessedMedia> Media);
