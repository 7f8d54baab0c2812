using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media.Processes;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Media.Pictures;

/// <summary>
/// Decodes pictures with an ffmpeg process whose format and codec are forced, after managed code has read the header and checked the limits.
/// The process gives R G B A; white background, depth and orientation are done here. Thread-safe.
/// </summary>
internal sealed class PictureDecoder(MediaOptions options, DecoderProcess process, DecodedMemory memory)
{
    private readonly long _maxPixels = options.MaxImagePixels;

    /// <summary>Size of the upright picture.</summary>
    /// <exception cref="ContentException">decode_failed, unsupported_media or limit_exceeded.</exception>
    public (int Width, int Height) Probe(SourceFile source, MediaKind kind)
    {
        PictureHeader header = ReadHeader(source, kind);
        return OrientationTransform.SwapsSides(header.Orientation) ? (header.Height, header.Width) : (header.Width, header.Height);
    }

    /// <summary>The upright picture at its own size.</summary>
    /// <exception cref="ContentException">decode_failed, decode_timeout, unsupported_media or limit_exceeded.</exception>
    public async Task<DecodedPage> DecodeAsync(SourceFile source, MediaKind kind, CancellationToken cancellationToken)
    {
        try
        {
            return await DecodeWholeAsync(source, kind, cancellationToken).ConfigureAwait(false);
        }
        catch (ContentException exception) when (exception.MaySucceedSmaller)
        {
            // However small it is read, it is decoded at its own size: that needs the same room each time.
            throw new ContentException(exception.Code, exception.Message, exception);
        }
    }

    private async Task<DecodedPage> DecodeWholeAsync(SourceFile source, MediaKind kind, CancellationToken cancellationToken)
    {
        PictureHeader header = ReadHeader(source, kind);

        // A picture that has to be turned is there twice for a moment.
        long bytes = (long)header.Width * header.Height * 3 * (header.Orientation is Orientation.Upright ? 1 : 2);
        DecodedRoom room = await memory.TakeAsync(bytes, source.DisplayName, cancellationToken).ConfigureAwait(false);
        try
        {
            return await DecodeAsync(source, kind, header, cancellationToken).ConfigureAwait(false) with { Room = room };
        }
        catch
        {
            room.Dispose();
            throw;
        }
    }

    private async Task<DecodedPage> DecodeAsync(SourceFile source, MediaKind kind, PictureHeader header, CancellationToken cancellationToken)
    {
        byte[] pixels = new byte[checked(header.Width * header.Height * 3)];
        bool isWhole = false;
        DecoderExit exit = await process.RunAsync(
            Command(source, kind, header.IsDeep),
            async (output, token) => isWhole = await ReadRowsAsync(output, header, pixels, token).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
        if (exit.ExitCode != 0 || !isWhole)
        {
            throw new ContentException(ErrorCodes.DecodeFailed, $"the picture must be whole and sound; {source.DisplayName} cannot be decoded");
        }

        RgbImage image = OrientationTransform.Apply(new RgbImage(header.Width, header.Height, pixels), header.Orientation);
        return new DecodedPage(1, image, OrientationTransform.Degrees(header.Orientation), WidthPoints: 0, HeightPoints: 0);
    }

    private PictureHeader ReadHeader(SourceFile source, MediaKind kind)
    {
        PictureHeader header = PictureHeaders.Read(source, kind);
        long area = (long)header.Width * header.Height;
        return area <= _maxPixels
            ? header
            : throw new ContentException(
                ErrorCodes.LimitExceeded,
                $"a picture must have at most {_maxPixels} pixels; {source.DisplayName} has {header.Width}x{header.Height}");
    }

    /// <summary>Reads exactly the expected rows; false when there are fewer or more.</summary>
    private static async Task<bool> ReadRowsAsync(Stream output, PictureHeader header, byte[] pixels, CancellationToken cancellationToken)
    {
        byte[] row = new byte[checked(header.Width * (header.IsDeep ? 8 : 4))];
        int stride = header.Width * 3;
        for (int y = 0; y < header.Height; y++)
        {
            if (await output.ReadAtLeastAsync(row, row.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) != row.Length)
            {
                return false;
            }

            if (header.IsDeep)
            {
                WhiteBackground.Flatten16(row, pixels.AsSpan(y * stride, stride));
            }
            else
            {
                WhiteBackground.Flatten8(row, pixels.AsSpan(y * stride, stride));
            }
        }

        return await output.ReadAsync(row.AsMemory(0, 1), cancellationToken).ConfigureAwait(false) == 0;
    }

    private static DecoderCommand Command(SourceFile source, MediaKind kind, bool isDeep)
    {
        (string demuxer, string codec) = kind switch
        {
            MediaKind.Png => ("png_pipe", "png"),
            MediaKind.Jpeg => ("jpeg_pipe", "mjpeg"),
            MediaKind.Gif => ("gif", "gif"),
            MediaKind.WebP => ("webp_pipe", "webp"),
            MediaKind.Bmp => ("bmp_pipe", "bmp"),
            MediaKind.Tiff => ("tiff_pipe", "tiff"),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "a picture kind is needed"),
        };

        // A half-decoded page is worse than none: every error that the decoder notices ends it. For TIFF an unknown tag counts as one, so there
        // only what stops the decoder does.
        string detection = kind is MediaKind.Tiff ? "crccheck+bitstream+buffer" : "crccheck+bitstream+buffer+explode";
        return new DecoderCommand(
            "ffmpeg",
            [
                "-nostdin", "-hide_banner", "-v", "error", "-xerror", "-err_detect", detection,
                "-protocol_whitelist", "file,pipe", "-threads", "1", "-noautorotate", "-f", demuxer, "-c:v", codec, "-i", "file:" + source.Path,
                "-map", "0:v:0", "-frames:v", "1", "-vf", $"{FfmpegScaling.Exact},format={(isDeep ? "rgba64le" : "rgba")}",
                "-f", "rawvideo", "pipe:1",
            ]);
    }
}
