namespace Qwen3VL.Engine.Processing;

/// <summary>A picture's size.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
public readonly record struct PixelSize(int Width, int Height);
