namespace Qwen3VL.Batch.Media.Pictures;

/// <summary>Header of a JPEG (ITU-T T.81, annex B): size from the start-of-frame segment, orientation from the first EXIF segment.</summary>
internal static class JpegHeader
{
    private const byte Fill = 0xFF;
    private const byte StartOfScan = 0xDA;
    private const byte EndOfImage = 0xD9;
    private const byte App1 = 0xE1;

    /// <summary>Reads it.</summary>
    public static PictureHeader Read(HeaderReader reader)
    {
        Orientation? orientation = null;
        long at = 2;
        while (true)
        {
            if (reader.Byte(at) != Fill)
            {
                throw reader.Broken("a JPEG segment must begin with a marker");
            }

            byte marker = reader.Byte(at + 1);
            if (marker == Fill)
            {
                at++;
                continue;
            }

            if (IsStandalone(marker))
            {
                at += 2;
                continue;
            }

            if (marker is StartOfScan or EndOfImage)
            {
                throw reader.Broken("a JPEG must have a frame header before its data");
            }

            int length = reader.UInt16(at + 2, bigEndian: true);
            if (IsStartOfFrame(marker))
            {
                bool isDeep = reader.Byte(at + 4) > 8;
                int height = reader.UInt16(at + 5, bigEndian: true);
                int width = reader.UInt16(at + 7, bigEndian: true);
                return new PictureHeader(width, height, orientation ?? Orientation.Upright, isDeep);
            }

            if (marker == App1 && orientation is null && reader.Matches(at + 4, "Exif\0\0"u8))
            {
                orientation = ExifBlock.ReadOrientation(reader, at + 10);
            }

            at += 2 + Math.Max(2, length);
        }
    }

    private static bool IsStandalone(byte marker) => marker is 0x01 or (>= 0xD0 and <= 0xD8);

    /// <summary>C0..CF are frame headers, but for the tables DHT and DAC and the reserved JPG.</summary>
    private static bool IsStartOfFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
}
