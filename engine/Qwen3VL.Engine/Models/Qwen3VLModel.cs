using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Execution;
using Qwen3VL.Engine.Processing;

namespace Qwen3VL.Engine.Models;

/// <summary>
/// The whole network over one backend: vision tower, text decoder, output head. Owns its weights, borrows the backend. Used by the engine
/// thread only.
/// </summary>
public sealed class Qwen3VLModel : IDisposable
{
    private readonly IBackend _backend;
    private readonly WeightLoader _loader;
    private readonly VisionTower _vision;
    private readonly TextDecoder _decoder;

    private Qwen3VLModel(ModelConfig config, IBackend backend, WeightLoader loader)
    {
        Config = config;
        _backend = backend;
        _loader = loader;
        _vision = new VisionTower(loader, config.Vision, backend);
        _decoder = new TextDecoder(loader, config, backend);
    }

    /// <summary>The checkpoint's configuration.</summary>
    public ModelConfig Config { get; }

    /// <summary>Sees the output of each decoder layer; null outside tests.</summary>
    internal IForwardObserver? Observer
    {
        get => _decoder.Observer;
        set => _decoder.Observer = value;
    }

    /// <summary>Called after each decoder layer and each vision block, on the thread that computes: a long pass is told from one that hangs.</summary>
    internal Action LayerRan
    {
        get => _decoder.LayerRan;
        set
        {
            _decoder.LayerRan = value;
            _vision.BlockRan = value;
        }
    }

    /// <summary>Reads the weights of a folder onto a backend.</summary>
    /// <exception cref="CheckpointException">A file is missing or wrong; names file and tensor.</exception>
    public static Qwen3VLModel Load(string folder, ModelConfig config, IBackend backend, CancellationToken cancellationToken) =>
        Load(folder, config, backend, new WeightLoading(), cancellationToken);

    /// <summary>Reads the weights of a folder and of a LoRA adapter for it, if any, onto a backend, kept in a type of choice.</summary>
    /// <exception cref="CheckpointException">A file is missing or wrong, or the adapter does not fit the model; names file and tensor.</exception>
    public static Qwen3VLModel Load(
        string folder, string? adapterFolder, ModelConfig config, IBackend backend, WeightStorage storage, CancellationToken cancellationToken) =>
        Load(folder, config, backend, new WeightLoading { AdapterFolder = adapterFolder, Storage = storage }, cancellationToken);

    /// <summary>Reads the weights of a folder and of a LoRA adapter for it, if any, onto a backend.</summary>
    /// <exception cref="CheckpointException">A file is missing or wrong, or the adapter does not fit the model; names file and tensor.</exception>
    public static Qwen3VLModel Load(
        string folder, ModelConfig config, IBackend backend, WeightLoading loading, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(loading);
        using CheckpointIndex index = CheckpointIndex.Open(folder);
        using LoraAdapter? lora = loading.AdapterFolder is null ? null : LoraAdapter.Open(loading.AdapterFolder);
        var loader = new WeightLoader(new WeightMap(index, config.Quantization), backend, loading, cancellationToken) { Lora = lora };
        try
        {
            var model = new Qwen3VLModel(config, backend, loader);
            lora?.CheckAllUsed();
            loader.CheckUnused();
            return model;
        }
        catch
        {
            loader.DisposeWeights();
            throw;
        }
    }

    /// <summary>Allocates a KV cache of this model's shape. The caller owns it.</summary>
    public KvCache CreateKvCache(int numBlocks) =>
        _backend.CreateKvCache(new KvCacheShape(Config.Text.NumLayers, numBlocks, Config.Text.NumKvHeads, Config.Text.HeadDim));

    /// <summary>Runs the vision tower on one media item. The caller owns the result.</summary>
    /// <exception cref="ArgumentException">The patches do not fit the grid.</exception>
    public EncoderOutput Encode(ProcessedMedia media)
    {
        ArgumentNullException.ThrowIfNull(media);
        return _vision.Encode(media);
    }

    /// <summary>Runs the vision tower on one media item; of a clip it keeps the rows that change most from frame pair to frame pair. The caller owns the result.</summary>
    /// <param name="media">The item.</param>
    /// <param name="numKeptRows">Rows to keep: all, or fewer but at least those of one frame pair.</param>
    /// <exception cref="ArgumentException">The patches do not fit the grid, or the rows to keep do not.</exception>
    public EncoderOutput EncodePruned(ProcessedMedia media, int numKeptRows)
    {
        EncoderOutput whole = Encode(media);
        if (numKeptRows == whole.NumRows)
        {
            return whole;
        }

        using (whole)
        {
            return EncoderPruning.Prune(_backend, whole, media.Grid, numKeptRows);
        }
    }

    /// <summary>
    /// Runs one flat batch through all layers, writes its keys and values, and returns the logits of <see cref="ForwardBatch.LogitRows"/>:
    /// <paramref name="logits"/> is <c>[logit rows, vocabulary]</c>. With no logit rows the head is skipped.
    /// </summary>
    /// <exception cref="ArgumentException">The batch's arrays are shorter than its counts, or logits has another length.</exception>
    public void Forward(ForwardBatch batch, KvCache cache, Span<float> logits)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(cache);
        int tokens = batch.NumTokens;
        if (tokens < 1 || batch.TokenIds.Length < tokens || batch.Slots.Length < tokens || batch.Positions.Length < 3L * tokens)
        {
            throw new ArgumentException(
                $"batch must have at least 1 token and arrays of its length; got {tokens} tokens, {batch.TokenIds.Length} ids, " +
                $"{batch.Slots.Length} slots, {batch.Positions.Length} positions", nameof(batch));
        }

        if (logits.Length != (long)batch.LogitRows.Length * Config.Text.VocabularySize)
        {
            throw new ArgumentException(
                $"logits must have {batch.LogitRows.Length} x {Config.Text.VocabularySize} values; got {logits.Length}", nameof(logits));
        }

        _decoder.Forward(batch, cache, logits);
    }

    /// <summary>Frees the weights; the backend stays. Idempotent.</summary>
    public void Dispose() => _loader.DisposeWeights();
}
