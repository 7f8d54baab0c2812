using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Worker.Output.Raster;

/// <summary>
/// Brings a picture to another size for showing, by averaging the source area of each pixel. Not what the model sees: that resize is the
/// engine's and matches the reference bit for bit.
/// </summary>
internal static class PictureScaler
{
    /// <summary>The picture at the size asked for; the same object when it has that size.</summary>
    public static RgbImage Scale(RgbImage image, int width, int height)
    {
        if (image.Width == width && image.Height == height)
        {
            return image;
        }

        byte[] scaled = new byte[checked(width * height * 3)];
        ReadOnlySpan<byte> source = image.Pixels.Span;
        for (int y = 0; y < height; y++)
        {
            (int top, int bottom) = Span(y, height, image.Height);
            for (int x = 0; x < width; x++)
            {
                (int left, int right) = Span(x, width, image.Width);
                Average(source, image.Width, (left, top, right, bottom), scaled.AsSpan(((y * width) + x) * 3, 3));
            }
        }

        return new RgbImage(width, height, scaled);
    }

    /// <summary>The largest size of the same shape that fits; never larger than the picture.</summary>
    public static RgbImage Fit(RgbImage image, int maxWidth, int maxHeight)
    {
        double factor = Math.Min(1, Math.Min((double)maxWidth / image.Width, (double)maxHeight / image.Height));
        return Scale(image, Math.Max(1, (int)Math.Round(image.Width * factor)), Math.Max(1, (int)Math.Round(image.Height * factor)));
    }

    private static (int Start, int End) Span(int index, int count, int sourceCount)
    {
        int start = (int)((long)index * sourceCount / count);
        int end = (int)(((long)(index + 1) * sourceCount) / count);
        return (start, Math.Max(start + 1, end));
    }

    private static void Average(ReadOnlySpan<byte> source, int sourceWidth, (int Left, int Top, int Right, int Bottom) area, Span<byte> target)
    {
        long red = 0;
        long green = 0;
        long blue = 0;
        for (int y = area.Top; y < area.Bottom; y++)
        {
            for (int x = area.Left; x < area.Right; x++)
            {
                int at = checked(((y * sourceWidth) + x) * 3);
                red += source[at];
                green += source[at + 1];
                blue += source[at + 2];
            }
        }

        long count = (long)(area.Right - area.Left) * (area.Bottom - area.Top);
        target[0] = (byte)((red + (count / 2)) / count);
        target[1] = (byte)((green + (count / 2)) / count);
        target[2] = (byte)((blue + (count / 2)) / count);
    }
}
