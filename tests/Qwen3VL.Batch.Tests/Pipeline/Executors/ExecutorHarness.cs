using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Pipeline.Executors;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Tests.Fakes;
using Qwen3VL.Engine;
using Qwen3VL.TestKit.Fakes;

namespace Qwen3VL.Batch.Tests.Pipeline.Executors;

/// <summary>Runs one chunk with media and an engine that are not real.</summary>
internal sealed class ExecutorHarness
{
    private readonly PlanningOptions _options = new();

    public ExecutorHarness(Func<string, FakeAnswer> answer, SamplingParameters? modelSampling = null)
    {
        var plain = new FakeInferenceEngine(request => answer(FakeInferenceEngine.Prompt(request)));
        Engine = new FakeInferenceEngine(request => answer(FakeInferenceEngine.Prompt(request)))
        {
            Description = plain.Description with { DefaultSampling = modelSampling ?? SamplingParameters.Greedy },
        };
    }

    public FakeInferenceEngine Engine { get; }

    public FakeMediaDecoder Decoder { get; } = new();

    public Task<ChunkResult> RunAsync(
        JobRecord job,
        PlannedChunk chunk,
        IReadOnlyList<SummaryPart>? parts = null,
        IReadOnlyList<SegmentResult>? events = null,
        ChunkHistory? history = null,
        CancellationToken cancellationToken = default)
    {
        var executor = new ChunkExecutor(Decoder, Engine, _options);
        var context = new ChunkContext(job, chunk, FakeMediaDecoder.File, parts ?? [], events ?? []) { History = history ?? ChunkHistory.None };
        return executor.ExecuteAsync(context, cancellationToken);
    }

    public static VideoClip Clip(GenerationRequest request) => request.Messages.SelectMany(message => message.Parts).OfType<VideoPart>().Single().Clip;
}
