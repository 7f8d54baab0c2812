using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media.Documents;
using Qwen3VL.Batch.Media.Pictures;
using Qwen3VL.Batch.Media.Processes;
using Qwen3VL.Batch.Media.Videos;

namespace Qwen3VL.Batch.Media;

/// <summary>
/// Decodes PDF pages, pictures and video windows, each in a process of its own (ffmpeg, poppler). The kind of a file is decided by its content.
/// Thread-safe.
/// </summary>
internal sealed class MediaDecoder : IMediaDecoder
{
    private readonly PdfDecoder _pdf;
    private readonly PictureDecoder _pictures;
    private readonly VideoDecoder _videos;

    /// <summary>Creates one.</summary>
    public MediaDecoder(MediaOptions options, TimeProvider time)
    {
        DecoderProcess process = new(options, time);
        DecodedMemory memory = new(options.MaxDecodedMiB);
        _pdf = new PdfDecoder(options, process, memory);
        _pictures = new PictureDecoder(options, process, memory);
        _videos = new VideoDecoder(options, process, memory);
    }

    /// <inheritdoc/>
    public async Task<MediaInfo> ProbeAsync(SourceFile source, CancellationToken cancellationToken)
    {
        MediaKind kind = await MediaSniffer.SniffAsync(source, cancellationToken).ConfigureAwait(false);
        string mediaType = MediaTypes.Name(kind);
        if (kind is MediaKind.Pdf)
        {
            return new MediaInfo(mediaType, await _pdf.CountPagesAsync(source, cancellationToken).ConfigureAwait(false), DurationMs: 0, Width: 0, Height: 0);
        }

        if (MediaTypes.IsVideo(kind))
        {
            (long durationMs, int width, int height) = await _videos.ProbeAsync(source, kind, cancellationToken).ConfigureAwait(false);
            return new MediaInfo(mediaType, PageCount: 0, durationMs, width, height);
        }

        (int pictureWidth, int pictureHeight) = _pictures.Probe(source, kind);
        return new MediaInfo(mediaType, PageCount: 1, DurationMs: 0, pictureWidth, pictureHeight);
    }

    /// <inheritdoc/>
    public async Task<DecodedPage> DecodePageAsync(SourceFile source, int pageNo, PageRequest request, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageNo, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Dpi, 1);
        MediaKind kind = await MediaSniffer.SniffAsync(source, cancellationToken).ConfigureAwait(false);
        if (kind is MediaKind.Pdf)
        {
            return await _pdf.RenderAsync(source, pageNo, request, cancellationToken).ConfigureAwait(false);
        }

        if (MediaTypes.IsVideo(kind))
        {
            throw new ContentException(ErrorCodes.UnsupportedMedia, $"pages must come from a PDF or a picture; {source.DisplayName} is {MediaTypes.Name(kind)}");
        }

        return pageNo == 1
            ? await _pictures.DecodeAsync(source, kind, cancellationToken).ConfigureAwait(false)
            : throw new ContentException(ErrorCodes.DecodeFailed, $"the page must exist; {source.DisplayName} is a picture and has no page {pageNo}");
    }

    /// <inheritdoc/>
    public async Task<DecodedWindow> DecodeWindowAsync(SourceFile source, WindowRequest request, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.StartMs);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(request.EndMs, request.StartMs);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.MaxFrames, 1);
        if (!(request.FramesPerSecond > 0) || !double.IsFinite(request.FramesPerSecond))
        {
            throw new ArgumentOutOfRangeException(nameof(request), request.FramesPerSecond, "FramesPerSecond must be above 0");
        }

        MediaKind kind = await MediaSniffer.SniffAsync(source, cancellationToken).ConfigureAwait(false);
        return MediaTypes.IsVideo(kind)
            ? await _videos.DecodeAsync(source, kind, request, cancellationToken).ConfigureAwait(false)
            : throw new ContentException(ErrorCodes.UnsupportedMedia, $"windows must come from a video; {source.DisplayName} is {MediaTypes.Name(kind)}");
    }
}
