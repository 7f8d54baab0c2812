namespace Qwen3VL.Engine;

/// <summary>One clip of sampled frames.</summary>
/// <param name="Clip">The frames and their times.</param>
public sealed record VideoPart(VideoClip Clip) : PromptPart;
