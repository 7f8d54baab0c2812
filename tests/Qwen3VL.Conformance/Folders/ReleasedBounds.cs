using Qwen3VL.Engine;
using Qwen3VL.Engine.Processing;

namespace Qwen3VL.Conformance.Folders;

/// <summary>
/// The bounds of the released checkpoints' processors (<c>preprocessor_config.json</c> and <c>video_preprocessor_config.json</c>, with what
/// the reference's classes fill in): the goldens that name none were made with these.
/// </summary>
internal static class ReleasedBounds
{
    private const int MinImagePixels = 65_536;
    private const int MaxImagePixels = 16_777_216;
    private const long MinVideoPixels = 4_096;
    private const long MaxVideoPixels = 25_165_824;
    private const double FramesPerSecond = 2;
    private const int MinFrames = 4;
    private const int MaxFrames = 768;

    /// <summary>Bounds of an image.</summary>
    public static ImageBounds Image { get; } = new(MinImagePixels, MaxImagePixels, PatchExtractor.TokenSize);

    /// <summary>Bounds of a clip.</summary>
    public static VideoBounds Video { get; } =
        new(MinVideoPixels, MaxVideoPixels, PatchExtractor.TokenSize, FramesPerSecond, MinFrames, MaxFrames);
}
