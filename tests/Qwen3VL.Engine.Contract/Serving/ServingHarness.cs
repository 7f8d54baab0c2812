using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Caching;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Diagnostics;
using Qwen3VL.Engine.Execution;
using Qwen3VL.Engine.Models;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Sampling;
using Qwen3VL.Engine.Scheduling;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;

namespace Qwen3VL.Engine.Contract.Serving;

/// <summary>A core over the bundled model on a backend under test, stepped by hand, with every logit recorded. Owns the backend.</summary>
internal sealed class ServingHarness : IDisposable
{
    private readonly IBackend _backend;
    private readonly RecordingRunner _recording;
    private readonly ModelRunner _runner;
    private readonly RequestAdmission _admission;
    private readonly ModelConfig _config;
    private long _nextId;

    public ServingHarness(IBackend backend, ServingSettings settings)
    {
        _backend = backend;
        string folder = RepositoryPaths.TinyModel;
        _config = ModelConfig.Load(folder);
        BpeTokenizer tokenizer = BpeTokenizer.Load(folder);
        var limits = new SchedulerLimits(settings.TokenBudget, settings.EncoderRowBudget, settings.MaxSequences);
        _runner = new ModelRunner(Qwen3VLModel.Load(folder, _config, backend, default), settings.NumBlocks, limits);
        _recording = new RecordingRunner(_runner);
        var pool = new BlockPool(settings.NumBlocks);
        Scatter(pool, settings.ScatterSeed);
        Core = new EngineCore(
            new Scheduler(limits, new KvCacheManager(pool, settings.PrefixCache), new EncoderCache(settings.EncoderCacheRows)),
            _recording,
            new Sampler(_config.Text.VocabularySize, tokenizer.VocabularySize),
            TimeProvider.System,
            Metrics,
            NoEngineLog.Instance);
        var rules = new StopRules([.. GenerationConfig.Load(folder).EosTokenIds], false, -1, -1);
        Processor = new Qwen3VLProcessor(ProcessorConfig.Load(folder), _config, tokenizer, ChatTemplate.Detect(folder)) { VideoPruningRate = settings.VideoPruningRate };
        _admission = new RequestAdmission(Processor, tokenizer, rules, BlockHash.Root("contract"), (settings.NumBlocks - 1) * KvBlock.Tokens);
    }

    public EngineCore Core { get; }

    public EngineMetrics Metrics { get; } = new();

    public Qwen3VLProcessor Processor { get; }

    public IReadOnlyList<(long Id, int FirstToken, int NumTokens)> Chunks => _recording.Chunks;

    /// <summary>Tensors on the device that are not the encoder outputs the runner holds.</summary>
    public int NumStrayTensors => _backend.Statistics.LiveTensors - (_runner.NumEncoderOutputs * (1 + _config.Vision.NumTaps));

    public LocalGeneration Add(GenerationRequest request)
    {
        var handle = new LocalGeneration(++_nextId, _admission.OutputLimit(request) + 1, _ => { });
        Core.Add(_admission.Prepare(request, handle, () => { }));
        return handle;
    }

    public void Step()
    {
        Core.Step();
        Core.Scheduler.CheckInvariants();
    }

    /// <summary>Adds all requests at once and steps until all have ended.</summary>
    public async Task<IReadOnlyList<ServedAnswer>> RunAsync(params IReadOnlyList<GenerationRequest> requests)
    {
        LocalGeneration[] handles = [.. requests.Select(Add)];
        while (Core.NumActive > 0)
        {
            Step();
        }

        var answers = new List<ServedAnswer>();
        foreach (LocalGeneration handle in handles)
        {
            answers.Add(await AnswerAsync(handle));
        }

        return answers;
    }

    public async Task<ServedAnswer> AnswerAsync(LocalGeneration handle)
    {
        GenerationResult result = await handle.Completion;
        int numPrompt = result.Usage.PromptTokens;
        return new ServedAnswer(result, [.. Enumerable.Range(0, result.OutputTokenIds.Count).Select(i => _recording.Logits[(handle.RequestId, numPrompt + i)])]);
    }

    public void Dispose()
    {
        Core.Dispose();
        _backend.Dispose();
    }

    internal static void Scatter(BlockPool pool, int? seed)
    {
        if (seed is null)
        {
            return;
        }

        var blockIds = new List<int>();
        while (pool.TryAllocate(out int blockId))
        {
            blockIds.Add(blockId);
        }

        int[] shuffled = [.. blockIds];
        new Random(seed.Value).Shuffle(shuffled);
        foreach (int blockId in shuffled)
        {
            pool.Release(blockId);
        }
    }
}
