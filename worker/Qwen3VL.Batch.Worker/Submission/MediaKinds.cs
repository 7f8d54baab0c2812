using Qwen3VL.Batch.Contracts.V1;

namespace Qwen3VL.Batch.Worker.Submission;

/// <summary>Says whether a file is a document or a video, from its first bytes, or from its name where the bytes say nothing.</summary>
internal static class MediaKinds
{
    /// <summary>Bytes that the decision looks at.</summary>
    public const int HeadBytes = 1_024;

    private static readonly string[] DocumentExtensions = [".pdf", ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm"];
    private static readonly string[] VideoExtensions = [".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mts", ".mpg", ".mpeg", ".flv", ".wmv", ".ogv"];

    // Brands of ISO base media files that hold a still picture (ISO/IEC 23008-12, AV1 Image File Format).
    private static readonly string[] PictureBrands = ["heic", "heix", "mif1", "msf1", "avif"];

    /// <summary>The kind by a file's ending; null when it is none that is known.</summary>
    public static JobKind? OfExtension(string path)
    {
        string extension = Path.GetExtension(path).ToLowerInvariant();
        return DocumentExtensions.Contains(extension) ? JobKind.Document : VideoExtensions.Contains(extension) ? JobKind.Video : null;
    }

    /// <summary>The kind of a file; null when neither bytes nor name say.</summary>
    /// <param name="head">The first <see cref="HeadBytes"/> bytes, or fewer when the file is shorter.</param>
    /// <param name="path">Its name.</param>
    public static JobKind? Detect(ReadOnlySpan<byte> head, string path) => OfBytes(head) ?? OfExtension(path);

    private static JobKind? OfBytes(ReadOnlySpan<byte> head)
    {
        // The PDF header may stand anywhere in the first 1024 bytes (ISO 32000-1, implementation note 13).
        if (head.IndexOf("%PDF-"u8) >= 0 || IsPicture(head))
        {
            return JobKind.Document;
        }

        if (head.Length >= 12 && head[4..8].SequenceEqual("ftyp"u8))
        {
            return PictureBrands.Contains(System.Text.Encoding.ASCII.GetString(head[8..12])) ? JobKind.Document : JobKind.Video;
        }

        bool isMatroska = head.StartsWith<byte>([0x1A, 0x45, 0xDF, 0xA3]);
        bool isAvi = head.Length >= 12 && head.StartsWith("RIFF"u8) && head[8..12].SequenceEqual("AVI "u8);
        bool isMpegProgram = head.StartsWith<byte>([0x00, 0x00, 0x01, 0xBA]);
        bool isFlash = head.StartsWith("FLV\x01"u8);
        return isMatroska || isAvi || isMpegProgram || isFlash ? JobKind.Video : null;
    }

    private static bool IsPicture(ReadOnlySpan<byte> head) =>
        head.StartsWith<byte>([0x89, 0x50, 0x4E, 0x47])
        || head.StartsWith<byte>([0xFF, 0xD8, 0xFF])
        || head.StartsWith("GIF8"u8)
        || head.StartsWith("BM"u8)
        || head.StartsWith("II*\0"u8)
        || head.StartsWith("MM\0*"u8)
        || (head.Length >= 12 && head.StartsWith("RIFF"u8) && head[8..12].SequenceEqual("WEBP"u8));
}
