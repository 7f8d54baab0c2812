using Qwen3VL.Engine;
using StbImageSharp;

namespace Qwen3VL.TestKit;

/// <summary>Reads the PNG files of the goldens.</summary>
public static class PngFile
{
    /// <summary>Reads a PNG as 8-bit RGB; gray is repeated to three channels and alpha is dropped, as the reference's plain conversion does.</summary>
    public static RgbImage ReadRgb(string path)
    {
        ImageResult image = ImageResult.FromMemory(File.ReadAllBytes(path), ColorComponents.RedGreenBlue);
        return new RgbImage(image.Width, image.Height, image.Data);
    }

    /// <summary>Reads all PNG files of a folder in name order: the frames of a clip.</summary>
    public static IReadOnlyList<RgbImage> ReadFrames(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.png").Order(StringComparer.Ordinal).Select(ReadRgb)];
}
