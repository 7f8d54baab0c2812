namespace Qwen3VL.Engine;

/// <summary>An upright 8-bit RGB picture: rows from the top, three bytes a pixel, no padding.</summary>
public sealed class RgbImage
{
    /// <summary>Wraps pixels without copying; the caller gives up ownership of the buffer.</summary>
    /// <exception cref="ArgumentException">The buffer's length is not width x height x 3, or a side is not positive.</exception>
    public RgbImage(int width, int height, ReadOnlyMemory<byte> pixels)
    {
        if (width <= 0 || height <= 0)
        {
            throw new ArgumentException($"image sides must be positive; got {width}x{height}");
        }

        if (pixels.Length != checked((long)width * height * 3))
        {
            throw new ArgumentException($"pixels must hold width * height * 3 = {(long)width * height * 3} bytes; got {pixels.Length}", nameof(pixels));
        }

        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary><c>[height, width, 3]</c> bytes, R G B.</summary>
    public ReadOnlyMemory<byte> Pixels { get; }
}
