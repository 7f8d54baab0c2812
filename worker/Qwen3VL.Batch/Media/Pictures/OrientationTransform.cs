using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Media.Pictures;

/// <summary>Turns stored pictures upright.</summary>
internal static class OrientationTransform
{
    private const int Channels = 3;

    /// <summary>The orientation of a tag's value; values that the standard does not define count as upright.</summary>
    public static Orientation FromTag(long value) => value is >= 1 and <= 8 ? (Orientation)value : Orientation.Upright;

    /// <summary>Whether width and height change places.</summary>
    public static bool SwapsSides(Orientation orientation) => orientation >= Orientation.MirrorTurn270;

    /// <summary>Clockwise turn in degrees, after a mirroring of left and right if the orientation has one.</summary>
    public static int Degrees(Orientation orientation) => orientation switch
    {
        Orientation.Turn180 or Orientation.MirrorTurn180 => 180,
        Orientation.Turn90 or Orientation.MirrorTurn90 => 90,
        Orientation.Turn270 or Orientation.MirrorTurn270 => 270,
        _ => 0,
    };

    /// <summary>Makes an upright copy; returns <paramref name="image"/> itself when it is upright.</summary>
    public static RgbImage Apply(RgbImage image, Orientation orientation)
    {
        if (orientation is Orientation.Upright)
        {
            return image;
        }

        int width = SwapsSides(orientation) ? image.Height : image.Width;
        int height = SwapsSides(orientation) ? image.Width : image.Height;
        ReadOnlySpan<byte> source = image.Pixels.Span;
        byte[] upright = new byte[source.Length];
        int right = image.Width - 1;
        int bottom = image.Height - 1;
        int target = 0;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++, target += Channels)
            {
                (int fromX, int fromY) = orientation switch
                {
                    Orientation.Mirror => (right - x, y),
                    Orientation.Turn180 => (right - x, bottom - y),
                    Orientation.MirrorTurn180 => (x, bottom - y),
                    Orientation.MirrorTurn270 => (y, x),
                    Orientation.Turn90 => (y, bottom - x),
                    Orientation.MirrorTurn90 => (right - y, bottom - x),
                    _ => (right - y, x),
                };
                int from = ((fromY * image.Width) + fromX) * Channels;
                upright[target] = source[from];
                upright[target + 1] = source[from + 1];
                upright[target + 2] = source[from + 2];
            }
        }

        return new RgbImage(width, height, upright);
    }
}
