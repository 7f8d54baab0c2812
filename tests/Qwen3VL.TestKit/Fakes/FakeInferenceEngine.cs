using System.Collections.Concurrent;
using System.Globalization;
using Qwen3VL.Engine;

namespace Qwen3VL.TestKit.Fakes;

/// <summary>
/// An engine without a model: a function gives the answers. Records every request; usage and media follow from the request so that tests can
/// check what callers do with them.
/// </summary>
public sealed class FakeInferenceEngine(Func<GenerationRequest, FakeAnswer> answer) : IInferenceEngine
{
    private readonly ConcurrentQueue<GenerationRequest> _requests = new();
    private readonly ConcurrentQueue<FakeGeneration> _generations = new();
    private long _nextRequestId;

    public EngineDescription Description { get; init; } = new(
        "fake",
        new string('0', 64),
        "none",
        4096,
        8,
        new ImageBounds(4096, 163_840, 32),
        new VideoBounds(4096, 368_640, 32, 2, 4, 24));

    /// <summary>What the engine says of itself: a test sets it.</summary>
    public EngineProgress Progress { get; set; }

    /// <summary>Requests in the order of submission.</summary>
    public IReadOnlyList<GenerationRequest> Requests => [.. _requests];

    /// <summary>Generations that were aborted.</summary>
    public int Aborted => _generations.Count(generation => generation.WasAborted);

    public static string Prompt(GenerationRequest request) =>
        request.Messages.SelectMany(message => message.Parts).OfType<TextPart>().Single().Text;

    public ValueTask<IGeneration> SubmitAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _requests.Enqueue(request);
        var generation = new FakeGeneration(Interlocked.Increment(ref _nextRequestId), answer(request), SeenBy(request));
        _generations.Enqueue(generation);
        return ValueTask.FromResult<IGeneration>(generation);
    }

    public Task DrainAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static List<SeenMedia> SeenBy(GenerationRequest request)
    {
        var media = new List<SeenMedia>();
        foreach (PromptPart part in request.Messages.SelectMany(message => message.Parts))
        {
            if (part is ImagePart image)
            {
                media.Add(new SeenMedia(image.Image.Width, image.Image.Height, 4, "image", []));
            }
            else if (part is VideoPart video)
            {
                media.Add(new SeenMedia(video.Clip.Frames[0].Width, video.Clip.Frames[0].Height, 4, "clip", PairTimes(video.Clip.TimesSeconds)));
            }
        }

        return media;
    }

    private static string[] PairTimes(IReadOnlyList<double> times) =>
    [
        .. times.Chunk(2).Select(pair => ((pair[0] + pair[^1]) / 2).ToString("F1", CultureInfo.InvariantCulture)),
    ];
}
