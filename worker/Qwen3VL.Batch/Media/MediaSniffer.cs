using System.Buffers.Binary;
using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Media;

/// <summary>
/// Says what a file is by its first bytes, never by its name. Text formats that name other files (SVG, playlists, concat scripts) have no magic
/// here and are refused like anything unknown; so are archives, even with a PDF near their start.
/// </summary>
internal static class MediaSniffer
{
    /// <summary>Bytes of the file's start that decide: a PDF header may stand anywhere in the first 1024, as PDF readers accept it.</summary>
    public const int HeadBytes = 1024;

    private const int TransportPacketBytes = 188;
    private const int TarMarkAt = 257;

    /// <summary>Reads the head of a file and decides.</summary>
    /// <exception cref="ContentException">unsupported_media or source_not_found.</exception>
    public static async Task<MediaKind> SniffAsync(SourceFile source, CancellationToken cancellationToken)
    {
        byte[] head = new byte[HeadBytes];
        int length;
        try
        {
            using FileStream file = File.OpenRead(source.Path);
            length = await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ContentException(ErrorCodes.SourceNotFound, $"the source must exist; {source.DisplayName} is gone", exception);
        }

        return Sniff(head.AsSpan(0, length))
            ?? throw new ContentException(
                ErrorCodes.UnsupportedMedia,
                $"the file must be a PDF, PNG, JPEG, GIF, WebP, BMP, TIFF, MP4, QuickTime, Matroska, WebM, AVI or MPEG-TS by its content; {source.DisplayName} is none of these");
    }

    /// <summary>Decides by the head of a file; null for a kind that is not read.</summary>
    public static MediaKind? Sniff(ReadOnlySpan<byte> head) => head switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n', ..] => MediaKind.Png,
        [0xFF, 0xD8, 0xFF, ..] => MediaKind.Jpeg,
        _ when head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8) => MediaKind.Gif,
        _ when IsRiff(head, "WEBP"u8) => MediaKind.WebP,
        _ when IsRiff(head, "AVI "u8) => MediaKind.Avi,
        [(byte)'B', (byte)'M', ..] when head.Length > 26 && head[6..10].SequenceEqual("\0\0\0\0"u8) => MediaKind.Bmp,
        _ when head.StartsWith("II*\0"u8) || head.StartsWith("MM\0*"u8) => MediaKind.Tiff,
        [0x1A, 0x45, 0xDF, 0xA3, ..] => MediaKind.Matroska,
        _ when IsMp4(head) => MediaKind.Mp4,
        _ when head.IndexOf("%PDF-"u8) >= 0 && !IsArchive(head) => MediaKind.Pdf,
        _ when IsTransportStream(head) => MediaKind.MpegTs,
        _ => null,
    };

    // ZIP (three kinds of first record), gzip, bzip2, xz, 7z, RAR, Zstandard, and tar, whose mark stands behind the first file's name.
    private static bool IsArchive(ReadOnlySpan<byte> head) =>
        head.StartsWith("PK\u0003\u0004"u8) || head.StartsWith("PK\u0005\u0006"u8) || head.StartsWith("PK\u0007\u0008"u8)
        || head is [0x1F, 0x8B, ..] or [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', ..] or [(byte)'7', (byte)'z', 0xBC, 0xAF, ..] or [0x28, 0xB5, 0x2F, 0xFD, ..]
        || head.StartsWith("BZh"u8) || head.StartsWith("Rar!"u8)
        || (head.Length > TarMarkAt + 5 && head[TarMarkAt..].StartsWith("ustar"u8));

    private static bool IsRiff(ReadOnlySpan<byte> head, ReadOnlySpan<byte> form) =>
        head.Length >= 12 && head.StartsWith("RIFF"u8) && head[8..12].SequenceEqual(form);

    private static bool IsMp4(ReadOnlySpan<byte> head)
    {
        if (head.Length < 12)
        {
            return false;
        }

        ReadOnlySpan<byte> box = head[4..8];
        if (!box.SequenceEqual("ftyp"u8))
        {
            // QuickTime files from before the file type box begin with one of these.
            return box.SequenceEqual("moov"u8) || box.SequenceEqual("mdat"u8) || box.SequenceEqual("wide"u8);
        }

        // HEIF and AVIF pictures share the container; no decoder for them is promised.
        ReadOnlySpan<byte> brand = head[8..12];
        return BinaryPrimitives.ReadUInt32BigEndian(head) >= 8
            && !(brand.StartsWith("hei"u8) || brand.StartsWith("hev"u8) || brand.StartsWith("mif1"u8) || brand.StartsWith("msf1"u8) || brand.StartsWith("avi"u8));
    }

    private static bool IsTransportStream(ReadOnlySpan<byte> head)
    {
        const byte SyncByte = 0x47;
        return head.Length > 3 * TransportPacketBytes
            && head[0] == SyncByte && head[TransportPacketBytes] == SyncByte && head[2 * TransportPacketBytes] == SyncByte
            && head[3 * TransportPacketBytes] == SyncByte;
    }
}
