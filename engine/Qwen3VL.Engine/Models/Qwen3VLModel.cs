using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Execution;
using Qwen3VL.Engine.Processing;

namespace Qwen3VL.Engine.Models;

/// <summary>The whole network over one backend: vision tower, text decoder, output head. Used by the engine thread only.</summary>
public sealed class Qwen3VLModel : IDisposable
{
    private Qwen3VLModel(ModelConfig config) => Config = config;

    /// <summary>The checkpoint's configuration.</summary>
    public ModelConfig Config { get; }

    /// <summary>Reads the weights of a folder onto a backend.</summary>
    /// <exception cref="CheckpointException">A file is missing or wrong; names file and tensor.</exception>
    public static Qwen3VLModel Load(string folder, ModelConfig config, IBackend backend, CancellationToken cancellationToken) =>
        throw new NotSupportedException("under construction");

    /// <summary>Allocates a KV cache of this model's shape.</summary>
    public KvCache CreateKvCache(int numBlocks) => throw new NotSupportedException("under construction");

    /// <summary>Runs the vision tower on one media item. The caller owns the result.</summary>
    public EncoderOutput Encode(ProcessedMedia media) => throw new NotSupportedException("under construction");

    /// <summary>
    /// Runs one flat batch through all layers, writes its keys and values, and returns the logits of <see cref="ForwardBatch.LogitRows"/>:
    /// <paramref name="logits"/> is <c>[logit rows, vocabulary]</c>. With no logit rows the head is skipped.
    /// </summary>
    public void Forward(ForwardBatch batch, KvCache cache, Span<float> logits) => throw new NotSupportedException("under construction");

    /// <summary>Frees the weights; the backend stays.</summary>
    public void Dispose()
    {
    }
}
