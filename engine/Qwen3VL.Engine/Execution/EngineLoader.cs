using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Caching;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Diagnostics;
using Qwen3VL.Engine.Models;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Sampling;
using Qwen3VL.Engine.Scheduling;
using Qwen3VL.Engine.Tokenization;

namespace Qwen3VL.Engine.Execution;

/// <summary>Builds an engine from a model folder: reads every file once, sizes the KV cache, connects the parts.</summary>
internal static class EngineLoader
{
    private const long BytesPerMiB = 1L << 20;

    /// <summary>Loads a folder. The engine owns the backend on success; on failure the caller still does.</summary>
    public static LlmEngine Load(EngineOptions options, IBackend backend, TimeProvider time, IEngineLog log, CancellationToken cancellationToken)
    {
        options.Validate();
        string folder = options.ModelFolder;
        ModelConfig config = ModelConfig.Load(folder);
        BpeTokenizer tokenizer = BpeTokenizer.Load(folder);
        ChatTemplate template = ChatTemplate.Detect(folder);
        var processor = new Qwen3VLProcessor(ProcessorConfig.Load(folder), config, tokenizer, template) { VideoPruningRate = options.VideoPruningRate };
        GenerationConfig generation = GenerationConfig.Load(folder, DefaultsOf(template, tokenizer));
        CheckTokens(config.Text, tokenizer, generation);
        CheckAdapter(options.AdapterFolder);
        StopRules rules = RulesOf(generation, template, tokenizer);
        string fingerprint = ModelFingerprint.WithPruning(
            ModelFingerprint.WithStorage(ModelFingerprint.Compute(folder, options.AdapterFolder, cancellationToken), options.WeightStorage),
            options.VideoPruningRate);

        int numBlocks = BlocksFor(options, config.Text, backend);
        int maxSequenceTokens = Math.Min(Math.Min(options.MaxSequenceTokens, config.Text.MaxPositions), checked((numBlocks - 1) * KvBlock.Tokens));
        var limits = new SchedulerLimits(options.StepTokenBudget, options.StepEncoderRowBudget, options.MaxSequences);
        var scheduler = new Scheduler(limits, new KvCacheManager(new BlockPool(numBlocks), options.PrefixCache), new EncoderCache(options.EncoderCacheRows));
        var metrics = new EngineMetrics();
        var sampler = new Sampler(config.Text.VocabularySize, tokenizer.VocabularySize);
        var description = new EngineDescription(
            NameOf(folder) + (options.AdapterFolder is { } adapter ? $"+{NameOf(adapter)}" : string.Empty),
            fingerprint,
            backend.Name,
            maxSequenceTokens,
            options.MaxSequences,
            processor.ImageBounds,
            processor.VideoBounds)
        {
            DefaultSampling = generation.Sampling,
            VideoPruningRate = options.VideoPruningRate,
        };
        BlockHash root = BlockHash.Root($"{fingerprint} {backend.Name} {backend.KvElementBytes}");
        var admission = new RequestAdmission(processor, tokenizer, rules, root, maxSequenceTokens);

        var queue = new SubmissionQueue(options.MaxWaitingRequests, options.MaxWaitingMediaMiB * BytesPerMiB);

        // The weights come last: whatever is wrong with the small files is said before gigabytes are read, and leaves nothing on the device.
        var loading = new WeightLoading { AdapterFolder = options.AdapterFolder, Storage = options.WeightStorage, Log = log, Time = time };
        ModelRunner runner = LoadRunner((folder, config, loading), backend, numBlocks, limits, metrics, cancellationToken);
        try
        {
            var core = new EngineCore(scheduler, runner, sampler, time, metrics, log);
            Report(new GuardedEngineLog(log), config, description, numBlocks);
            var engine = new LlmEngine(description, admission, core, metrics, queue, log);
            runner.OwnedBackend = backend;
            return engine;
        }
        catch
        {
            runner.Dispose();
            throw;
        }
    }

    /// <summary>KV blocks that the configured memory holds, by the bytes that this backend takes for one.</summary>
    private static int BlocksFor(EngineOptions options, TextConfig text, IBackend backend)
    {
        var oneBlock = new KvCacheShape(text.NumLayers, 1, text.NumKvHeads, text.HeadDim);
        long blockBytes = checked(backend.KvBytesPerToken(oneBlock) * KvBlock.Tokens);
        long numBlocks = options.KvMemoryMiB * BytesPerMiB / blockBytes;

        // Block 0 belongs to nobody, and a sequence needs at least one.
        if (numBlocks < 2)
        {
            throw new ArgumentException(
                $"{nameof(options.KvMemoryMiB)} must hold at least 2 blocks of {blockBytes} bytes; got {options.KvMemoryMiB} MiB");
        }

        // Slots are counted in 32 bits.
        return (int)Math.Min(numBlocks, int.MaxValue / KvBlock.Tokens);
    }

    private static ModelRunner LoadRunner(
        (string Folder, ModelConfig Config, WeightLoading Loading) weights,
        IBackend backend,
        int numBlocks,
        SchedulerLimits limits,
        EngineMetrics metrics,
        CancellationToken cancellationToken)
    {
        Qwen3VLModel model = Qwen3VLModel.Load(weights.Folder, weights.Config, backend, weights.Loading, cancellationToken);
        model.LayerRan = metrics.LayerRan;
        try
        {
            return new ModelRunner(model, numBlocks, limits);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Every id that can come in or go out must be a row of the embedding table.</summary>
    private static void CheckTokens(TextConfig text, BpeTokenizer tokenizer, GenerationConfig generation)
    {
        if (tokenizer.VocabularySize > text.VocabularySize)
        {
            throw new CheckpointException(
                $"tokenizer.json must have ids below vocab_size = {text.VocabularySize} of config.json; got ids up to {tokenizer.VocabularySize - 1}");
        }

        foreach (int tokenId in generation.EosTokenIds.Where(tokenId => tokenId < 0 || tokenId >= text.VocabularySize))
        {
            throw new CheckpointException($"generation_config.json: eos_token_id must be 0..{text.VocabularySize - 1}, below vocab_size of config.json; got {tokenId}");
        }
    }

    private static string NameOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    private static void Report(GuardedEngineLog log, ModelConfig config, EngineDescription description, int numBlocks)
    {
        if (config.UnknownKeys.Count > 0)
        {
            log.UnknownKeys(ModelConfigReader.FileName, config.UnknownKeys);
        }

        if (config.Text.Yarn is { } yarn && !yarn.MatchesContext(config.Text.MaxPositions))
        {
            log.ScalingFactorDiffers(yarn.Factor, config.Text.MaxPositions, yarn.OriginalMaxPositions);
        }

        log.Started(description, numBlocks);
    }

    // What every released checkpoint of the template's kind has (spec 1.6): turns end with either of two tokens.
    private static GenerationConfig DefaultsOf(ChatTemplate template, BpeTokenizer tokenizer)
    {
        var eosTokenIds = new List<int>();
        foreach (string text in (string[])["<|im_end|>", "<|endoftext|>"])
        {
            if (tokenizer.TryGetAddedTokenId(text, out int tokenId))
            {
                eosTokenIds.Add(tokenId);
            }
        }

        return new GenerationConfig(eosTokenIds, template.StartsInReasoning ? GenerationConfig.ThinkingDefaults : GenerationConfig.InstructDefaults);
    }

    private static void CheckAdapter(string? adapterFolder)
    {
        if (adapterFolder is not null)
        {
            LoraAdapter.Open(adapterFolder).Dispose();
        }
    }

    private static StopRules RulesOf(GenerationConfig generation, ChatTemplate template, BpeTokenizer tokenizer) => new(
        [.. generation.EosTokenIds],
        template.StartsInReasoning,
        tokenizer.TryGetAddedTokenId(ReasoningTags.Open, out int open) ? open : -1,
        tokenizer.TryGetAddedTokenId(ReasoningTags.Close, out int close) ? close : -1);
}
