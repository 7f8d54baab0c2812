namespace Qwen3VL.Engine;

/// <summary>Pixel bounds of one image as the model's processor states them; areas, not edges.</summary>
/// <param name="MinPixels">Smaller images are scaled up to this area.</param>
/// <param name="MaxPixels">Larger images are scaled down to this area.</param>
/// <param name="SizeMultiple">Both sides are rounded to a multiple of this: patch size times merge size (32).</param>
public sealed record ImageBounds(int MinPixels, int MaxPixels, int SizeMultiple);
