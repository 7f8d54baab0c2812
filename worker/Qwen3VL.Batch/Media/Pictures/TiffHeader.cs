namespace Qwen3VL.Batch.Media.Pictures;

/// <summary>Header of a TIFF. Only what the decoder was seen to read rightly is let through; the rest is refused instead of read wrongly.</summary>
internal static class TiffHeader
{
    private const int WidthTag = 256;
    private const int HeightTag = 257;
    private const int BitsTag = 258;
    private const int CompressionTag = 259;
    private const int PhotometricTag = 262;

    /// <summary>Reads it.</summary>
    public static PictureHeader Read(HeaderReader reader)
    {
        TiffDirectory directory = new(reader, start: 0);
        long width = directory.Find(WidthTag) ?? 0;
        long height = directory.Find(HeightTag) ?? 0;
        if (width is < 1 or > int.MaxValue || height is < 1 or > int.MaxValue)
        {
            throw reader.Broken($"a TIFF must say its sides; got {width}x{height}");
        }

        if (directory.NextOffset != 0)
        {
            throw reader.Unsupported("a TIFF must have one page; convert one with several to PDF");
        }

        long compression = directory.Find(CompressionTag) ?? 1;
        if (!IsReadCompression(compression))
        {
            throw reader.Unsupported($"a TIFF must be stored plain, packed, LZW, Deflate or fax compressed; got compression {compression}");
        }

        long photometric = directory.Find(PhotometricTag) ?? 1;
        if (photometric is not (>= 0 and <= 3 or 5))
        {
            throw reader.Unsupported($"a TIFF must be gray, RGB, palette or CMYK; got photometric interpretation {photometric}");
        }

        Orientation orientation = OrientationTransform.FromTag(directory.Find(ExifBlock.OrientationTag) ?? 1);
        return new PictureHeader((int)width, (int)height, orientation, directory.Find(BitsTag) > 8);
    }

    /// <summary>JPEG inside TIFF (6 and 7) comes out of the decoder with wrong colours, so it is not in the list.</summary>
    private static bool IsReadCompression(long compression) => compression is 1 or 2 or 3 or 4 or 5 or 8 or 32773 or 32946;
}
