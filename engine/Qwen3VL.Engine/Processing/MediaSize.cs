namespace Qwen3VL.Engine.Processing;

/// <summary>What the media of a request take once they are processed.</summary>
/// <param name="Rows">Merged vision tokens: placeholders in the prompt.</param>
/// <param name="Bytes">Bytes of all patches.</param>
internal readonly record struct MediaSize(long Rows, long Bytes);
