namespace Qwen3VL.Engine;

/// <summary>What the model saw of one media item.</summary>
/// <param name="Width">Width after resizing, in pixels.</param>
/// <param name="Height">Height after resizing, in pixels.</param>
/// <param name="Tokens">Prompt tokens it takes.</param>
/// <param name="ContentSha256">Lower-case hex hash of the resized pixels and grid; the key of the encoder and prefix caches.</param>
/// <param name="PairTimesSeconds">For a clip: the time written before each frame pair, as the model read it (one decimal). Empty for an image.</param>
public sealed record SeenMedia(int Width, int Height, int Tokens, string ContentSha256, IReadOnlyList<string> PairTimesSeconds);
