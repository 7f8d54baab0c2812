using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Media;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Tests.Fakes;

/// <summary>Media without files: grey pages of 400 x 200, and a film of 10 frames a second that begins at 0.</summary>
internal sealed class FakeMediaDecoder : IMediaDecoder, ISourceResolver
{
    public static SourceFile File { get; } = new("/nowhere", "file", new string('a', 64), 1);

    public MediaInfo Info { get; init; } = new("application/pdf", 3, 0, 0, 0);

    public PageRequest? LastPageRequest { get; private set; }

    public WindowRequest? LastWindowRequest { get; private set; }

    public Task<SourceFile> ResolveAsync(JobSource source, string? expectedSha256, CancellationToken cancellationToken) => Task.FromResult(File);

    public Task<MediaInfo> ProbeAsync(SourceFile source, CancellationToken cancellationToken) => Task.FromResult(Info);

    public Task<DecodedPage> DecodePageAsync(SourceFile source, int pageNo, PageRequest request, CancellationToken cancellationToken)
    {
        LastPageRequest = request;
        return Task.FromResult(new DecodedPage(pageNo, new RgbImage(400, 200, new byte[400 * 200 * 3]), 90, 300, 150));
    }

    public Task<DecodedWindow> DecodeWindowAsync(SourceFile source, WindowRequest request, CancellationToken cancellationToken)
    {
        LastWindowRequest = request;
        var frames = new List<RgbImage>();
        var times = new List<double>();
        for (double at = request.StartMs; at < request.EndMs; at += 1000 / request.FramesPerSecond)
        {
            frames.Add(new RgbImage(32, 32, new byte[32 * 32 * 3]));
            times.Add(Math.Floor(at / 100) * 100);
        }

        return Task.FromResult(new DecodedWindow(frames, times, request.EndMs));
    }
}
