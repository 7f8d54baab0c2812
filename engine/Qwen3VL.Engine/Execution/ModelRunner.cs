using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Caching;
using Qwen3VL.Engine.Models;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Scheduling;

namespace Qwen3VL.Engine.Execution;

/// <summary>
/// Runs steps on a model: encodes media, builds the flat batch, computes logits. Owns the model, its KV cache and the encoder outputs; no
/// state of a sequence lives here, every step is gathered anew from the scheduler's integers. Used by the engine thread only.
/// </summary>
internal sealed class ModelRunner : IStepRunner
{
    private readonly Qwen3VLModel _model;
    private readonly KvCache _cache;
    private readonly EncoderOutputs _outputs = new();
    private readonly BatchBuilder _builder;
    private readonly int _vocabularySize;
    private float[] _logits = [];

    /// <summary>Creates a runner that owns the model and allocates its KV cache.</summary>
    /// <param name="model">The network.</param>
    /// <param name="numBlocks">KV blocks, the null block included.</param>
    /// <param name="limits">Largest step.</param>
    /// <exception cref="InsufficientMemoryException">The device has no room for the cache.</exception>
    public ModelRunner(Qwen3VLModel model, int numBlocks, SchedulerLimits limits)
    {
        if (KvCacheShape.BlockTokens != KvBlock.Tokens)
        {
            throw new EngineInvariantException($"scheduler and device must agree on tokens a block; got {KvBlock.Tokens} and {KvCacheShape.BlockTokens}");
        }

        _model = model;
        _cache = model.CreateKvCache(numBlocks);
        _builder = new BatchBuilder(limits);
        _vocabularySize = model.Config.Text.VocabularySize;
    }

    /// <summary>Encoder outputs on the device.</summary>
    public int NumEncoderOutputs => _outputs.Count;

    /// <summary>The backend when it goes with the runner; null while somebody else keeps it.</summary>
    public IBackend? OwnedBackend { get; set; }

    /// <inheritdoc/>
    public StepLogits Run(SchedulerOutput scheduled)
    {
        _outputs.Drop(scheduled.EvictedMedia);
        Encode(scheduled.MediaToEncode);
        if (scheduled.NumTokens == 0)
        {
            return new StepLogits(_logits, 0, _vocabularySize);
        }

        ForwardBatch batch = _builder.Build(scheduled, _outputs);
        int numRows = batch.LogitRows.Length;
        int length = checked(numRows * _vocabularySize);
        if (_logits.Length < length)
        {
            _logits = new float[length];
        }

        _model.Forward(batch, _cache, _logits.AsSpan(0, length));
        return new StepLogits(_logits, numRows, _vocabularySize);
    }

    /// <summary>Encodes all of them that the device has room for: one that is too large must not take its neighbours with it.</summary>
    private void Encode(List<ScheduledMedia> media)
    {
        // The device says how much it lacked, by a type derived from what the host's own arrays throw: either fails the item alone.
        List<ScheduledMedia>? failed = null;
        OutOfMemoryException? first = null;
        foreach (ScheduledMedia item in media)
        {
            try
            {
                ProcessedPrompt prompt = item.Sequence.Prompt;
                _outputs.Add(item.Content, _model.EncodePruned(prompt.Media[item.MediaIndex], prompt.NumRows(item.MediaIndex)));
            }
            catch (OutOfMemoryException exception)
            {
                first ??= exception;
                (failed ??= []).Add(item);
            }
        }

        if (failed is not null && first is not null)
        {
            throw new MediaMemoryException(failed, first);
        }
    }

    /// <summary>Frees encoder outputs, KV cache, model and, when owned, the backend.</summary>
    public void Dispose()
    {
        _outputs.Dispose();
        _cache.Dispose();
        _model.Dispose();
        OwnedBackend?.Dispose();
    }
}
