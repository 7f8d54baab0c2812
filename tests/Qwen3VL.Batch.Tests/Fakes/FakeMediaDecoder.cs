using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Media;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Tests.Fakes;

/// <summary>Media without files: grey pages of 400 x 200 where the pixel bound allows it, and a film of 10 frames a second that begins at 0.</summary>
internal sealed class FakeMediaDecoder : IMediaDecoder, ISourceResolver
{
    private const int FrameSide = 128;

    public static SourceFile File { get; } = new("/nowhere", "file", new string('a', 64), 1);

    public MediaInfo Info { get; init; } = new("application/pdf", 3, 0, 0, 0);

    public PageRequest? LastPageRequest { get; private set; }

    public WindowRequest? LastWindowRequest { get; private set; }

    public Task<SourceFile> ResolveAsync(JobSource source, string? expectedSha256, CancellationToken cancellationToken) => Task.FromResult(File);

    public Task<MediaInfo> ProbeAsync(SourceFile source, CancellationToken cancellationToken) => Task.FromResult(Info);

    public Task<DecodedPage> DecodePageAsync(SourceFile source, int pageNo, PageRequest request, CancellationToken cancellationToken)
    {
        LastPageRequest = request;
        (int width, int height) = Size(request.MaxPixels);
        (int fullWidth, int fullHeight) = Size(request.UnreducedMaxPixels);
        return Task.FromResult(new DecodedPage(pageNo, new RgbImage(width, height, new byte[width * height * 3]), 90, 300, 150)
        {
            UnreducedPixels = fullWidth * fullHeight,
        });
    }

    public Task<DecodedWindow> DecodeWindowAsync(SourceFile source, WindowRequest request, CancellationToken cancellationToken)
    {
        LastWindowRequest = request;
        double[] times = [.. Times(request)];
        RgbImage[] frames = [.. times.Select(_ => new RgbImage(FrameSide, FrameSide, new byte[FrameSide * FrameSide * 3]))];
        return Task.FromResult(new DecodedWindow(frames, times, request.EndMs) { UnreducedFrames = Times(request.Unreduced ?? request).Count() });
    }

    private static (int Width, int Height) Size(int maxPixels)
    {
        double scale = Math.Min(1, Math.Sqrt(maxPixels / (400.0 * 200)));
        return ((int)(400 * scale), (int)(200 * scale));
    }

    private static IEnumerable<double> Times(WindowRequest request)
    {
        double milliseconds = request.EndMs - request.StartMs;
        int frames = (int)Math.Clamp(milliseconds * request.FramesPerSecond / 1000, request.MinFrames, request.MaxFrames);
        return Enumerable.Range(0, frames).Select(frame => Math.Floor((request.StartMs + (frame * milliseconds / frames)) / 100) * 100);
    }
}
