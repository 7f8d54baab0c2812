using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Media;

namespace Qwen3VL.Batch.Worker.Submission;

/// <summary>Says whether a file is a document or a video, from its first bytes, or from its name where the bytes say nothing.</summary>
internal static class MediaKinds
{
    /// <summary>Bytes that the decision looks at.</summary>
    public const int HeadBytes = MediaSniffer.HeadBytes;

    private static readonly string[] DocumentExtensions = [".pdf", ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"];
    private static readonly string[] VideoExtensions = [".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mts"];

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

    private static JobKind? OfBytes(ReadOnlySpan<byte> head) => MediaSniffer.Sniff(head) switch
    {
        null => null,
        MediaKind.Mp4 or MediaKind.Matroska or MediaKind.Avi or MediaKind.MpegTs => JobKind.Video,
        _ => JobKind.Document,
    };
}
