namespace Qwen3VL.Batch.Media.Pictures;

/// <summary>Reads the orientation out of an EXIF block (Exif 2.32, tag 274).</summary>
internal static class ExifBlock
{
    /// <summary>Tag of the orientation, in EXIF blocks and in TIFF files.</summary>
    public const int OrientationTag = 274;

    /// <summary>The orientation; upright when the block is broken, as viewers do: the picture itself may be sound.</summary>
    public static Orientation ReadOrientation(HeaderReader reader, long start)
    {
        try
        {
            return OrientationTransform.FromTag(new TiffDirectory(reader, start).Find(OrientationTag) ?? 1);
        }
        catch (ContentException)
        {
            return Orientation.Upright;
        }
    }
}
