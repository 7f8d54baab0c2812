namespace Qwen3VL.Engine.Processing;

/// <summary>One image or clip, resized and cut into patches.</summary>
/// <param name="Grid">Patch grid.</param>
/// <param name="Patches">
/// <c>[grid.NumPatches, 1536]</c> bytes in merge order (spec 3.1): channel, frame of the pair, y, x. The model's value is
/// <c>u8 / 127.5 - 1</c>.
/// </param>
/// <param name="ContentHash">SHA-256 of grid and patches: equal content, equal key, whatever it was called.</param>
/// <param name="PairTimesSeconds">For a clip: the text of each frame pair's time with one decimal; empty for an image.</param>
public sealed record ProcessedMedia(GridThw Grid, ReadOnlyMemory<byte> Patches, ReadOnlyMemory<byte> ContentHash, IReadOnlyList<string> PairTimesSeconds);
