using System.Buffers.Binary;

namespace Qwen3VL.Batch.Tests.Media;

/// <summary>Writes little-endian TIFF files and EXIF blocks.</summary>
internal static class TiffBytes
{
    /// <summary>An EXIF block that holds nothing but the orientation.</summary>
    public static byte[] Exif(int orientation) => Directory([(274, orientation)], nextOffset: 0, []);

    /// <summary>An uncompressed 8-bit RGB picture.</summary>
    public static byte[] Rgb(int width, int height, byte[] samples, int orientation = 1, int compression = 1, uint nextOffset = 0)
    {
        const int Entries = 9;
        int dataOffset = 8 + 2 + (Entries * 12) + 4;
        return Directory(
            [
                (256, width), (257, height), (258, 8), (259, compression), (262, 2), (273, dataOffset), (274, orientation), (277, 3), (279, samples.Length),
            ],
            nextOffset,
            samples);
    }

    private static byte[] Directory((int Tag, int Value)[] entries, uint nextOffset, byte[] data)
    {
        byte[] head = new byte[8 + 2 + (entries.Length * 12) + 4];
        "II*\0"u8.CopyTo(head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(4), 8);
        BinaryPrimitives.WriteInt16LittleEndian(head.AsSpan(8), (short)entries.Length);
        for (int i = 0; i < entries.Length; i++)
        {
            Span<byte> entry = head.AsSpan(10 + (i * 12), 12);
            BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)entries[i].Tag);
            bool isLong = entries[i].Tag is 273 or 279;
            BinaryPrimitives.WriteInt16LittleEndian(entry[2..], (short)(isLong ? 4 : 3));
            BinaryPrimitives.WriteInt32LittleEndian(entry[4..], 1);
            BinaryPrimitives.WriteInt32LittleEndian(entry[8..], entries[i].Value);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(head.Length - 4), nextOffset);
        return [.. head, .. data];
    }
}
