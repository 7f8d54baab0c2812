using System.Globalization;
using System.Text;
using Qwen3VL.Engine;
using Qwen3VL.Engine.Processing;

namespace Qwen3VL.Batch.Media.Documents;

/// <summary>Reads a binary PPM (P6, maximum value 255) of a known size from a stream.</summary>
internal static class PpmImage
{
    /// <summary>Longest header that a renderer writes: three short lines.</summary>
    private const int MaxHeaderBytes = 64;

    private const int HeaderFields = 4;

    /// <summary>
    /// Reads the picture. Null when the stream is not a PPM of one of the two orientations of <paramref name="expected"/>, or ends early.
    /// </summary>
    public static async Task<RgbImage?> ReadAsync(Stream stream, PixelSize expected, CancellationToken cancellationToken)
    {
        PixelSize? size = await ReadHeaderAsync(stream, cancellationToken).ConfigureAwait(false);
        if (size is not { } found || (found != expected && found != new PixelSize(expected.Height, expected.Width)))
        {
            return null;
        }

        byte[] pixels = new byte[checked(found.Width * found.Height * 3)];
        int length = await stream.ReadAtLeastAsync(pixels, pixels.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return length == pixels.Length ? new RgbImage(found.Width, found.Height, pixels) : null;
    }

    private static async Task<PixelSize?> ReadHeaderAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] header = new byte[MaxHeaderBytes];
        int fields = 0;
        for (int length = 0; length < header.Length; length++)
        {
            if (await stream.ReadAsync(header.AsMemory(length, 1), cancellationToken).ConfigureAwait(false) == 0)
            {
                return null;
            }

            if (!char.IsWhiteSpace((char)header[length]) || ++fields < HeaderFields)
            {
                continue;
            }

            string[] words = Encoding.ASCII.GetString(header, 0, length).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            return words is ["P6", var width, var height, "255"]
                && int.TryParse(width, NumberStyles.None, CultureInfo.InvariantCulture, out int columns)
                && int.TryParse(height, NumberStyles.None, CultureInfo.InvariantCulture, out int rows)
                ? new PixelSize(columns, rows)
                : null;
        }

        return null;
    }
}
