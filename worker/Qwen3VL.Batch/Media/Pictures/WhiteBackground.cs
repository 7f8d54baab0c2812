using System.Buffers.Binary;

namespace Qwen3VL.Batch.Media.Pictures;

/// <summary>
/// Puts pixels with alpha on white, as vllm-project/vllm <c>vllm/multimodal/image.py</c> does for a transparent picture (spec 5.1). Rounds to
/// nearest; opaque 8-bit pixels pass unchanged.
/// </summary>
internal static class WhiteBackground
{
    /// <summary>One row of R G B A bytes to R G B bytes.</summary>
    public static void Flatten8(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3)
        {
            int alpha = rgba[from + 3];
            int white = (255 * (255 - alpha)) + 127;
            rgb[to] = (byte)(((rgba[from] * alpha) + white) / 255);
            rgb[to + 1] = (byte)(((rgba[from + 1] * alpha) + white) / 255);
            rgb[to + 2] = (byte)(((rgba[from + 2] * alpha) + white) / 255);
        }
    }

    /// <summary>One row of R G B A little-endian 16-bit values to R G B bytes.</summary>
    public static void Flatten16(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        // 257 = 65535 / 255 takes the 16-bit range to the 8-bit range exactly.
        const long Full = 65535;
        const long Divisor = Full * 257;
        for (int from = 0, to = 0; to < rgb.Length; from += 8, to += 3)
        {
            long alpha = BinaryPrimitives.ReadUInt16LittleEndian(rgba[(from + 6)..]);
            for (int channel = 0; channel < 3; channel++)
            {
                long value = BinaryPrimitives.ReadUInt16LittleEndian(rgba[(from + (2 * channel))..]);
                rgb[to + channel] = (byte)(((value * alpha) + (Full * (Full - alpha)) + (Divisor / 2)) / Divisor);
            }
        }
    }
}
