using System.Buffers.Binary;
using System.IO.Compression;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Worker.Output.Raster;

/// <summary>
/// Writes 8-bit RGB pictures as PNG (W3C "Portable Network Graphics Specification", second edition): one IDAT chunk, filter Up on every
/// row, which suits pages because neighbouring rows are mostly equal.
/// </summary>
internal static class PngWriter
{
    private const byte FilterUp = 2;
    private const byte ColourTypeRgb = 2;
    private static readonly byte[] Signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The picture as the bytes of a PNG file.</summary>
    public static byte[] Encode(RgbImage image)
    {
        using MemoryStream file = new();
        file.Write(Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], image.Height);
        header[8] = 8;
        header[9] = ColourTypeRgb;
        header[10..].Clear();
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, CompressRows(image));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    private static byte[] CompressRows(RgbImage image)
    {
        ReadOnlySpan<byte> pixels = image.Pixels.Span;
        int stride = image.Width * 3;
        byte[] row = new byte[stride + 1];
        using MemoryStream compressed = new();
        using (ZLibStream zlib = new(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            row[0] = FilterUp;
            for (int y = 0; y < image.Height; y++)
            {
                ReadOnlySpan<byte> current = pixels.Slice(y * stride, stride);
                for (int i = 0; i < stride; i++)
                {
                    byte above = y == 0 ? (byte)0 : pixels[((y - 1) * stride) + i];
                    row[i + 1] = unchecked((byte)(current[i] - above));
                }

                zlib.Write(row);
            }
        }

        return compressed.ToArray();
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> body)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, body.Length);
        file.Write(number);
        file.Write(type);
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(type, body));
        file.Write(number);
    }
}
