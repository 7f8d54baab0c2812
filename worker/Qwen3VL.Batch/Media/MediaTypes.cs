namespace Qwen3VL.Batch.Media;

/// <summary>IANA names of the kinds.</summary>
internal static class MediaTypes
{
    /// <summary>Whether a kind is a video.</summary>
    public static bool IsVideo(MediaKind kind) => kind is MediaKind.Mp4 or MediaKind.Matroska or MediaKind.Avi or MediaKind.MpegTs;

    /// <summary>For example <c>image/jpeg</c>.</summary>
    public static string Name(MediaKind kind) => kind switch
    {
        MediaKind.Pdf => "application/pdf",
        MediaKind.Png => "image/png",
        MediaKind.Jpeg => "image/jpeg",
        MediaKind.Gif => "image/gif",
        MediaKind.WebP => "image/webp",
        MediaKind.Bmp => "image/bmp",
        MediaKind.Tiff => "image/tiff",
        MediaKind.Mp4 => "video/mp4",
        MediaKind.Matroska => "video/x-matroska",
        MediaKind.Avi => "video/x-msvideo",
        MediaKind.MpegTs => "video/mp2t",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "a known kind is needed"),
    };
}
