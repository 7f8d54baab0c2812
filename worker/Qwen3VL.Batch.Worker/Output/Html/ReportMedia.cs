using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Output.Raster;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Worker.Output.Html;

/// <summary>
/// Shows what the model saw: decodes pages and frames of a job's source again. A source that is gone, has changed since or cannot be fetched gives no picture;
/// showing another file's pixels under stored boxes would be worse than none.
/// </summary>
internal sealed class ReportMedia
{
    private const int DefaultDpi = 144;

    private readonly IMediaDecoder _decoder;
    private readonly ISourceResolver _sources;

    /// <summary>Creates one.</summary>
    public ReportMedia(IMediaDecoder decoder, ISourceResolver sources)
    {
        _decoder = decoder;
        _sources = sources;
    }

    /// <summary>The job's file when it is still the one that was read; null otherwise.</summary>
    public async Task<SourceFile?> OpenAsync(JobResults results, CancellationToken cancellationToken)
    {
        try
        {
            return await _sources.ResolveAsync(results.Job.Source, results.Job.Facts?.Sha256, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ContentException or SourceUnavailableException)
        {
            return null;
        }
    }

    /// <summary>A page as the raster that its boxes refer to; null when it cannot be decoded.</summary>
    public async Task<RgbImage?> PageAsync(SourceFile source, JobResults results, PageResult page, CancellationToken cancellationToken)
    {
        int pixels = page.WidthPx * page.HeightPx;
        PageRequest request = new(results.Job.Options.Dpi ?? DefaultDpi, MinPixels: 1, MaxPixels: pixels, SizeMultiple: 1);
        try
        {
            using DecodedPage decoded = await _decoder.DecodePageAsync(source, page.PageNo, request, cancellationToken).ConfigureAwait(false);
            return PictureScaler.Scale(decoded.Image, page.WidthPx, page.HeightPx);
        }
        catch (ContentException)
        {
            return null;
        }
    }

    /// <summary>About <paramref name="count"/> frames of a stretch of a video with their times; empty when they cannot be decoded.</summary>
    public async Task<IReadOnlyList<(RgbImage Frame, double TimeMs)>> FramesAsync(
        SourceFile source, SegmentResult segment, int count, CancellationToken cancellationToken)
    {
        double rate = Math.Clamp(count * 1000.0 / Math.Max(1, segment.EndMs - segment.StartMs), 0.01, 30);
        WindowRequest request = new(segment.StartMs, segment.EndMs, rate, MinFrames: 1, MaxFrames: count);
        try
        {
            using DecodedWindow window = await _decoder.DecodeWindowAsync(source, request, cancellationToken).ConfigureAwait(false);
            return [.. window.Frames.Zip(window.PtsMs)];
        }
        catch (ContentException)
        {
            return [];
        }
    }
}
