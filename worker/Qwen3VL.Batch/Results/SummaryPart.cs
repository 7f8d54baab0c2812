namespace Qwen3VL.Batch.Results;

/// <summary>A partial summary: the input of the next level.</summary>
/// <param name="Level">0 for pages and windows, n for the n-th reduction.</param>
/// <param name="PartNo">
/// Number of the first level-0 part it covers: unique per level and in the order of the source, with gaps above level 0. Level-0 parts are the
/// job's pages and windows, from 0 without gaps.
/// </param>
/// <param name="Text">The summary.</param>
internal sealed record SummaryPart(int Level, int PartNo, string Text);
