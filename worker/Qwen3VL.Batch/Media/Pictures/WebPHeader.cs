namespace Qwen3VL.Batch.Media.Pictures;

/// <summary>Header of a WebP (RFC 9649): size from the first chunk, orientation from the EXIF chunk of the extended form.</summary>
internal static class WebPHeader
{
    private const int FirstChunk = 12;
    private const int ChunkHeader = 8;
    private const int FirstData = FirstChunk + ChunkHeader;
    private const int SideMask = 0x3FFF;
    private const byte AnimationFlag = 0x02;
    private const int MaxChunks = 1_000;

    /// <summary>Reads it.</summary>
    public static PictureHeader Read(HeaderReader reader)
    {
        if (reader.Matches(FirstChunk, "VP8 "u8))
        {
            // A 3-byte frame tag and a 3-byte start code come before the sides.
            int lossyWidth = reader.UInt16(FirstData + 6, bigEndian: false) & SideMask;
            int lossyHeight = reader.UInt16(FirstData + 8, bigEndian: false) & SideMask;
            return new PictureHeader(lossyWidth, lossyHeight, Orientation.Upright, IsDeep: false);
        }

        if (reader.Matches(FirstChunk, "VP8L"u8))
        {
            uint sides = reader.UInt32(FirstData + 1, bigEndian: false);
            return new PictureHeader((int)(sides & SideMask) + 1, (int)((sides >> 14) & SideMask) + 1, Orientation.Upright, IsDeep: false);
        }

        if (!reader.Matches(FirstChunk, "VP8X"u8))
        {
            throw reader.Broken("a WebP must begin with VP8, VP8L or VP8X");
        }

        if ((reader.Byte(FirstData) & AnimationFlag) != 0)
        {
            throw reader.Unsupported("a WebP picture must not be animated");
        }

        int width = UInt24(reader, FirstData + 4) + 1;
        int height = UInt24(reader, FirstData + 7) + 1;
        return new PictureHeader(width, height, FindOrientation(reader), IsDeep: false);
    }

    private static int UInt24(HeaderReader reader, long offset) =>
        reader.UInt16(offset, bigEndian: false) | (reader.Byte(offset + 2) << 16);

    private static Orientation FindOrientation(HeaderReader reader)
    {
        long chunk = FirstChunk;
        for (int i = 0; i < MaxChunks && chunk + ChunkHeader <= reader.Length; i++)
        {
            long data = chunk + ChunkHeader;
            if (reader.Matches(chunk, "EXIF"u8))
            {
                // Some writers put the JPEG prefix before the block.
                return ExifBlock.ReadOrientation(reader, reader.Matches(data, "Exif\0\0"u8) ? data + 6 : data);
            }

            long length = reader.UInt32(chunk + 4, bigEndian: false);
            chunk = data + length + (length & 1);
        }

        return Orientation.Upright;
    }
}
