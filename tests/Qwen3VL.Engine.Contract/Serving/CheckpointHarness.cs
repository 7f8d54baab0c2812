using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Caching;
using Qwen3VL.Engine.Diagnostics;
using Qwen3VL.Engine.Execution;
using Qwen3VL.Engine.Models;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Sampling;
using Qwen3VL.Engine.Scheduling;
using Qwen3VL.TestKit.Cases;

namespace Qwen3VL.Engine.Contract.Serving;

/// <summary>A core over a golden checkpoint, which has neither tokenizer nor processor: its cases go in as prompts. Owns the backend.</summary>
internal sealed class CheckpointHarness : IDisposable
{
    private readonly IBackend _backend;
    private readonly RecordingRunner _recording;
    private readonly EngineCore _core;
    private long _nextId;

    public CheckpointHarness(IBackend backend, GoldenCase checkpoint, ServingSettings settings)
    {
        _backend = backend;
        var limits = new SchedulerLimits(settings.TokenBudget, settings.EncoderRowBudget, settings.MaxSequences);
        _recording = new RecordingRunner(new ModelRunner(
            Qwen3VLModel.Load(checkpoint.Folder, checkpoint.Config, backend, CancellationToken.None), settings.NumBlocks, limits));
        var pool = new BlockPool(settings.NumBlocks);
        ServingHarness.Scatter(pool, settings.ScatterSeed);
        int vocabulary = checkpoint.Config.Text.VocabularySize;
        _core = new EngineCore(
            new Scheduler(limits, new KvCacheManager(pool, settings.PrefixCache), new EncoderCache(settings.EncoderCacheRows)),
            _recording,
            new Sampler(vocabulary, vocabulary),
            TimeProvider.System,
            Metrics,
            NoEngineLog.Instance);
    }

    public EngineMetrics Metrics { get; } = new();

    /// <summary>Adds all cases at once, steps until all have ended, and returns what each gave.</summary>
    public async Task<IReadOnlyList<ServedAnswer>> RunAsync(params IReadOnlyList<GoldenCase> cases)
    {
        LocalGeneration[] handles = [.. cases.Select(Add)];
        while (_core.NumActive > 0)
        {
            _core.Step();
            _core.Scheduler.CheckInvariants();
        }

        var answers = new List<ServedAnswer>();
        foreach (LocalGeneration handle in handles)
        {
            GenerationResult result = await handle.Completion;
            answers.Add(new ServedAnswer(result, [.. Enumerable.Range(0, result.OutputTokenIds.Count)
                .Select(i => _recording.Logits[(handle.RequestId, result.Usage.PromptTokens + i)])]));
        }

        return answers;
    }

    public void Dispose()
    {
        _core.Dispose();
        _backend.Dispose();
    }

    private LocalGeneration Add(GoldenCase golden)
    {
        (IReadOnlyList<MediaSpan> spans, IReadOnlyList<ProcessedMedia> media) = golden.Spans();
        int[] positions = MropePositions.Compute(golden.InputIds.Length, spans, media, out int delta);
        var prompt = new ProcessedPrompt(golden.InputIds, positions, delta, spans, media);
        var handle = new LocalGeneration(++_nextId, golden.Greedy.Length + 1, _ => { });
        var sequence = new SequenceState(handle.RequestId, prompt, golden.Greedy.Length, BlockHash.Root("contract"));
        var choice = new TokenChoice { Sampling = SamplingParameters.Greedy };
        _core.Add(new ActiveGeneration(sequence, choice, [], SilentTokenizer.Instance, new StopRules([], false, -1, -1), handle, () => { }));
        return handle;
    }
}
