namespace Qwen3VL.Engine.Processing;

/// <summary>A run of placeholder tokens: a whole image, or one frame pair of a clip.</summary>
/// <param name="MediaIndex">Which processed media item.</param>
/// <param name="Offset">Index of the first placeholder in the prompt.</param>
/// <param name="Length">Placeholders, equal to merged vision tokens.</param>
/// <param name="FirstRow">Row of the item's encoder output that the first placeholder takes.</param>
public readonly record struct MediaSpan(int MediaIndex, int Offset, int Length, int FirstRow);
