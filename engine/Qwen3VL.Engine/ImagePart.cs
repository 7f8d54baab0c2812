namespace Qwen3VL.Engine;

/// <summary>One picture.</summary>
/// <param name="Image">Upright RGB pixels at their original size; the engine resizes.</param>
public sealed record ImagePart(RgbImage Image) : PromptPart;
