namespace Qwen3VL.Batch.Results;

/// <summary>A partial summary: the input of the next level.</summary>
/// <param name="Level">0 for pages and windows, n for the n-th reduction.</param>
/// <param name="PartNo">From 0, in the order of the source, per level.</param>
/// <param name="Text">The summary.</param>
internal sealed record SummaryPart(int Level, int PartNo, string Text);
