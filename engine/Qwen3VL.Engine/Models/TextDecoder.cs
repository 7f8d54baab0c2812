using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Execution;

namespace Qwen3VL.Engine.Models;

/// <summary>
/// The text decoder with its embedding table and output head (spec 4; huggingface/transformers v4.57.6, modeling_qwen3_vl.py,
/// Qwen3VLTextModel). Owned by <see cref="Qwen3VLModel"/>.
/// </summary>
internal sealed class TextDecoder
{
    // 32 rows of the released vocabulary are 19 MB, and enough for the head to run as a matrix product.
    private const int ScoredRowsAtOnce = 32;
    private const string HeadModule = "lm_head";

    private readonly IBackend _backend;
    private readonly TextConfig _config;
    private readonly Weight _embedding;
    private readonly Weight _finalNorm;
    private readonly LinearLayer _head;
    private readonly DecoderLayer[] _layers;
    private readonly MropeTable _rotary;

    /// <summary>Loads the decoder.</summary>
    internal TextDecoder(WeightLoader loader, ModelConfig config, IBackend backend)
    {
        _backend = backend;
        _config = config.Text;
        _embedding = loader.Matrix("model.language_model.embed_tokens.weight", _config.VocabularySize, _config.HiddenSize);
        _finalNorm = loader.Vector("model.language_model.norm.weight", _config.HiddenSize);
        _head = config.TieWordEmbeddings
            ? LinearLayer.Over(loader, HeadModule, _embedding)
            : LinearLayer.Load(loader, HeadModule, _config.VocabularySize, _config.HiddenSize);
        if (config.TieWordEmbeddings)
        {
            // Some files hold the table a second time under this name.
            loader.Skip("lm_head.weight");
        }

        _layers = Enumerable.Range(0, _config.NumLayers).Select(index => new DecoderLayer(loader, _config, index)).ToArray();
        _rotary = new MropeTable(_config);
    }

    /// <summary>Sees the output of each layer; null outside tests.</summary>
    internal IForwardObserver? Observer { get; set; }

    /// <summary>Called after each layer.</summary>
    internal Action LayerRan { get; set; } = static () => { };

    /// <summary>Runs a batch; see <see cref="Qwen3VLModel.Forward"/>.</summary>
    internal void Forward(ForwardBatch batch, KvCache cache, Span<float> logits)
    {
        IKernels kernels = _backend.Kernels;
        using ITensorScope scope = _backend.OpenScope();
        _rotary.Compute(batch.Positions, batch.NumTokens);
        DeviceTensor cos = _backend.Upload(_rotary.Cos, _rotary.Rows, _rotary.Columns);
        DeviceTensor sin = _backend.Upload(_rotary.Sin, _rotary.Rows, _rotary.Columns);
        DeviceTensor hidden = kernels.Embed(_embedding, batch.TokenIds.AsSpan(0, batch.NumTokens));
        foreach (VisionRows rows in batch.Vision)
        {
            kernels.SetRows(hidden, rows.FirstBatchRow, rows.Output.Main, rows.FirstOutputRow, rows.Count);
        }

        for (int layer = 0; layer < _layers.Length; layer++)
        {
            DeviceTensor next = _layers[layer].Forward(_backend, hidden, cos, sin, batch, cache);
            hidden.Dispose();
            hidden = next;
            AddDeepStack(batch, layer, hidden);
            Observer?.OnDecoderLayer(layer, hidden);
            LayerRan();
        }

        if (batch.PromptRows is { } promptRows)
        {
            ScorePrompt(hidden, promptRows);
        }

        if (batch.LogitRows.Length > 0)
        {
            DeviceTensor rows = kernels.RmsNorm(kernels.GatherRows(hidden, batch.LogitRows), _finalNorm, _config.RmsNormEpsilon);
            _backend.Download(_head.Forward(kernels, rows), logits);
        }
    }

    /// <summary>Runs the head over a few rows at a time: all rows of a chunk would be gigabytes of logits.</summary>
    private void ScorePrompt(DeviceTensor hidden, PromptRows promptRows)
    {
        IKernels kernels = _backend.Kernels;
        var logits = new float[checked(Math.Min(ScoredRowsAtOnce, promptRows.Count) * _config.VocabularySize)];
        for (int first = 0; first < promptRows.Count; first += ScoredRowsAtOnce)
        {
            int count = Math.Min(ScoredRowsAtOnce, promptRows.Count - first);
            using ITensorScope scope = _backend.OpenScope();
            DeviceTensor rows = kernels.RmsNorm(kernels.GatherRows(hidden, promptRows.Piece(first, count)), _finalNorm, _config.RmsNormEpsilon);
            _backend.Download(_head.Forward(kernels, rows), logits.AsSpan(0, count * _config.VocabularySize));
            for (int i = 0; i < count; i++)
            {
                promptRows.Take(first + i, logits.AsSpan(i * _config.VocabularySize, _config.VocabularySize));
            }
        }
    }

    // DeepStack tap k belongs behind decoder layer k, whatever block of the tower it was taken from; taps beyond the last layer go nowhere.
    private void AddDeepStack(ForwardBatch batch, int layer, DeviceTensor hidden)
    {
        foreach (VisionRows rows in batch.Vision)
        {
            if (layer < rows.Output.DeepStack.Count)
            {
                _backend.Kernels.AddRows(hidden, rows.FirstBatchRow, rows.Output.DeepStack[layer], rows.FirstOutputRow, rows.Count);
            }
        }
    }
}
