namespace Qwen3VL.Batch.Media.Pictures;

/// <summary>Reads the header of any picture kind.</summary>
internal static class PictureHeaders
{
    /// <summary>Reads it.</summary>
    /// <exception cref="ContentException">decode_failed or unsupported_media.</exception>
    public static PictureHeader Read(SourceFile source, MediaKind kind)
    {
        using HeaderReader reader = new(source);
        PictureHeader header = kind switch
        {
            MediaKind.Png => PngHeader.Read(reader),
            MediaKind.Jpeg => JpegHeader.Read(reader),
            MediaKind.Gif => ReadGif(reader),
            MediaKind.WebP => WebPHeader.Read(reader),
            MediaKind.Bmp => ReadBmp(reader),
            MediaKind.Tiff => TiffHeader.Read(reader),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "a picture kind is needed"),
        };
        return header.Width > 0 && header.Height > 0
            ? header
            : throw reader.Broken($"the sides of a picture must be positive; got {header.Width}x{header.Height}");
    }

    /// <summary>The logical screen: the first frame is drawn on it.</summary>
    private static PictureHeader ReadGif(HeaderReader reader) =>
        new(reader.UInt16(6, bigEndian: false), reader.UInt16(8, bigEndian: false), Orientation.Upright, IsDeep: false);

    private static PictureHeader ReadBmp(HeaderReader reader)
    {
        const int OldHeaderBytes = 12;
        const int HeaderStart = 14;
        if (reader.UInt32(HeaderStart, bigEndian: false) == OldHeaderBytes)
        {
            return new(reader.UInt16(18, bigEndian: false), reader.UInt16(20, bigEndian: false), Orientation.Upright, IsDeep: false);
        }

        int width = (int)reader.UInt32(18, bigEndian: false);
        int height = (int)reader.UInt32(22, bigEndian: false);

        // A negative height means rows from the top; the decoder turns it.
        return new(width, height == int.MinValue ? 0 : Math.Abs(height), Orientation.Upright, IsDeep: false);
    }
}
