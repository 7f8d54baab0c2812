namespace Qwen3VL.Batch.Media.Pictures;

/// <summary>What a picture's header says, read by managed code before any decoder sees the file.</summary>
/// <param name="Width">Stored width in pixels, before the orientation is applied.</param>
/// <param name="Height">Stored height in pixels.</param>
/// <param name="Orientation">How to turn it upright.</param>
/// <param name="IsDeep">Whether a channel has more than 8 bits.</param>
internal readonly record struct PictureHeader(int Width, int Height, Orientation Orientation, bool IsDeep);
