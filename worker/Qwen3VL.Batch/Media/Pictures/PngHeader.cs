namespace Qwen3VL.Batch.Media.Pictures;

/// <summary>Header of a PNG (W3C PNG, sections 5 and 11): size and depth from IHDR, orientation from eXIf.</summary>
internal static class PngHeader
{
    private const int FirstChunk = 8;
    private const int ChunkFrame = 12;

    /// <summary>Chunks looked at in search of EXIF; a sound file has a few dozen, but large ones split their data.</summary>
    private const int MaxChunks = 100_000;

    /// <summary>Reads it.</summary>
    public static PictureHeader Read(HeaderReader reader)
    {
        if (!reader.Matches(FirstChunk + 4, "IHDR"u8))
        {
            throw reader.Broken("a PNG must begin with IHDR");
        }

        uint width = reader.UInt32(FirstChunk + 8, bigEndian: true);
        uint height = reader.UInt32(FirstChunk + 12, bigEndian: true);
        if (width > int.MaxValue || height > int.MaxValue)
        {
            throw reader.Broken($"the sides of a PNG must be below 2^31; got {width}x{height}");
        }

        bool isDeep = reader.Byte(FirstChunk + 16) > 8;
        return new PictureHeader((int)width, (int)height, FindOrientation(reader), isDeep);
    }

    private static Orientation FindOrientation(HeaderReader reader)
    {
        long chunk = FirstChunk;
        for (int i = 0; i < MaxChunks && chunk + ChunkFrame <= reader.Length; i++)
        {
            if (reader.Matches(chunk + 4, "eXIf"u8))
            {
                return ExifBlock.ReadOrientation(reader, chunk + 8);
            }

            chunk += ChunkFrame + reader.UInt32(chunk, bigEndian: true);
        }

        return Orientation.Upright;
    }
}
