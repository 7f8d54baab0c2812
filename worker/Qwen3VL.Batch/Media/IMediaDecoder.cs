namespace Qwen3VL.Batch.Media;

/// <summary>
/// Files in, upright RGB pixels with geometry and real times out. Programs and libraries that parse untrusted bytes stay behind it. Every
/// failure of the file is a <see cref="ContentException"/> with one of the codes of <see cref="Jobs.ErrorCodes"/>.
/// </summary>
internal interface IMediaDecoder
{
    /// <summary>Says what a file is and how much of it there is, within the limits.</summary>
    Task<MediaInfo> ProbeAsync(SourceFile source, CancellationToken cancellationToken);

    /// <summary>Renders one page of a PDF, or decodes a picture as page 1. Waits while too many decoded pixels are held: dispose the result.</summary>
    Task<DecodedPage> DecodePageAsync(SourceFile source, int pageNo, PageRequest request, CancellationToken cancellationToken);

    /// <summary>Decodes frames of <c>[startMs, endMs)</c> of a video, with their presentation times. Waits and is disposed as a page.</summary>
    Task<DecodedWindow> DecodeWindowAsync(SourceFile source, WindowRequest request, CancellationToken cancellationToken);
}
