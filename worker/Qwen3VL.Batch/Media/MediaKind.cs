namespace Qwen3VL.Batch.Media;

/// <summary>The kinds of file that are read. Everything else is refused.</summary>
internal enum MediaKind
{
    /// <summary>PDF.</summary>
    Pdf,

    /// <summary>PNG.</summary>
    Png,

    /// <summary>JPEG.</summary>
    Jpeg,

    /// <summary>GIF; the first frame.</summary>
    Gif,

    /// <summary>WebP, not animated.</summary>
    WebP,

    /// <summary>Windows bitmap.</summary>
    Bmp,

    /// <summary>TIFF of one page.</summary>
    Tiff,

    /// <summary>MP4 and QuickTime.</summary>
    Mp4,

    /// <summary>Matroska and WebM.</summary>
    Matroska,

    /// <summary>AVI.</summary>
    Avi,

    /// <summary>MPEG transport stream.</summary>
    MpegTs,
}
