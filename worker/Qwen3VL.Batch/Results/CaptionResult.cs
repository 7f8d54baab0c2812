namespace Qwen3VL.Batch.Results;

/// <summary>A description of a page.</summary>
/// <param name="PageNo">From 1.</param>
/// <param name="Text">The caption.</param>
internal sealed record CaptionResult(int PageNo, string Text);
