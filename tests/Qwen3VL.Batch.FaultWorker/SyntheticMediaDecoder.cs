using Qwen3VL.Batch.Faults.Oracle;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;

namespace Qwen3VL.Batch.FaultWorker;

/// <summary>Decodes <see cref="SyntheticSource"/> files: tiny pages and frames without a process, so that volume costs no rendering.</summary>
internal sealed class SyntheticMediaDecoder : IMediaDecoder
{
    /// <inheritdoc/>
    public Task<MediaInfo> ProbeAsync(SourceFile source, CancellationToken cancellationToken) =>
        Task.FromResult(SyntheticSource.ReadSeconds(source.Path) is { } seconds
            ? new MediaInfo("video/mp4", 0, seconds * 1000, SyntheticPages.Side, SyntheticPages.Side)
            : new MediaInfo("application/pdf", Pages(source), 0, 0, 0));

    /// <inheritdoc/>
    public Task<DecodedPage> DecodePageAsync(SourceFile source, int pageNo, PageRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(new DecodedPage(pageNo, SyntheticPages.Image(source.Sha256, pageNo), 0, SyntheticPages.Side, SyntheticPages.Side));

    /// <inheritdoc/>
    public Task<DecodedWindow> DecodeWindowAsync(SourceFile source, WindowRequest request, CancellationToken cancellationToken)
    {
        IReadOnlyList<int> frames = SyntheticVideo.Frames(request.StartMs, request.EndMs);
        return Task.FromResult(new DecodedWindow(SyntheticVideo.Images(source.Sha256, frames), [.. frames.Select(SyntheticVideo.PtsMs)], request.EndMs));
    }

    private static int Pages(SourceFile source) => SyntheticSource.ReadPages(source.Path)
        ?? throw new ContentException(ErrorCodes.DecodeFailed, "source must be a synthetic document; got another file");
}
