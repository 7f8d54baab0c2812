namespace Qwen3VL.Batch.Media.Videos;

/// <summary>The containers that are read, as ffmpeg names them. The name is forced: no other demuxer ever sees the file.</summary>
internal static class VideoContainers
{
    /// <summary>Name of the demuxer.</summary>
    public static string Demuxer(MediaKind kind) => kind switch
    {
        MediaKind.Mp4 => "mov",
        MediaKind.Matroska => "matroska",
        MediaKind.Avi => "avi",
        MediaKind.MpegTs => "mpegts",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "a video kind is needed"),
    };

    /// <summary>
    /// How much earlier than a key frame's time to seek, in seconds. A transport stream has no index: seeking lands near a time, not at a key
    /// frame, and what is decoded before the key frame is thrown away.
    /// </summary>
    public static double SeekMarginSeconds(MediaKind kind) => kind is MediaKind.MpegTs ? 2 : 0;
}
