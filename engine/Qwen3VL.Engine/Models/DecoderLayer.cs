using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Execution;

namespace Qwen3VL.Engine.Models;

/// <summary>
/// One layer of the text decoder (spec 4.1; huggingface/transformers v4.57.6, modeling_qwen3_vl.py, Qwen3VLTextDecoderLayer): grouped-query
/// attention with a norm on every query and key head, then a gated feed-forward block, one or a mixture of many. No biases.
/// </summary>
internal sealed class DecoderLayer
{
    private readonly TextConfig _config;
    private readonly int _index;
    private readonly Weight _inputNorm;
    private readonly Weight _postAttentionNorm;
    private readonly LinearLayer _qProj;
    private readonly LinearLayer _kProj;
    private readonly LinearLayer _vProj;
    private readonly LinearLayer _oProj;
    private readonly Weight _qNorm;
    private readonly Weight _kNorm;
    private readonly FeedForward _feedForward;

    /// <summary>Loads layer <paramref name="index"/>.</summary>
    internal DecoderLayer(WeightLoader loader, TextConfig config, int index)
    {
        string prefix = $"model.language_model.layers.{index}.";
        int hidden = config.HiddenSize;
        int queryWidth = config.NumHeads * config.HeadDim;
        int keyWidth = config.NumKvHeads * config.HeadDim;
        _config = config;
        _index = index;
        _inputNorm = loader.Vector(prefix + "input_layernorm.weight", hidden);
        _postAttentionNorm = loader.Vector(prefix + "post_attention_layernorm.weight", hidden);
        _qProj = LinearLayer.Load(loader, prefix + "self_attn.q_proj", queryWidth, hidden);
        _kProj = LinearLayer.Load(loader, prefix + "self_attn.k_proj", keyWidth, hidden);
        _vProj = LinearLayer.Load(loader, prefix + "self_attn.v_proj", keyWidth, hidden);
        _oProj = LinearLayer.Load(loader, prefix + "self_attn.o_proj", hidden, queryWidth);
        _qNorm = loader.Vector(prefix + "self_attn.q_norm.weight", config.HeadDim);
        _kNorm = loader.Vector(prefix + "self_attn.k_norm.weight", config.HeadDim);
        _feedForward = config.Experts is { } experts && config.IsSparse(index)
            ? new ExpertFeedForward(loader, prefix + "mlp.", hidden, experts)
            : new DenseFeedForward(loader, prefix + "mlp.", hidden, config.IntermediateSize);
    }

    /// <summary>Runs the layer and writes the keys and values of the batch.</summary>
    /// <param name="backend">Where the weights are.</param>
    /// <param name="x"><c>[tokens, hidden]</c>.</param>
    /// <param name="cos">Cosines <c>[tokens, headDim / 2]</c>.</param>
    /// <param name="sin">Sines, same shape.</param>
    /// <param name="batch">Slots and attention geometry.</param>
    /// <param name="cache">Keys and values; written, then read.</param>
    /// <returns><c>[tokens, hidden]</c> in the scope that was innermost at the call.</returns>
    internal DeviceTensor Forward(IBackend backend, DeviceTensor x, DeviceTensor cos, DeviceTensor sin, ForwardBatch batch, KvCache cache)
    {
        IKernels kernels = backend.Kernels;
        using ITensorScope scope = backend.OpenScope();
        DeviceTensor attention = Attention(kernels, x, cos, sin, batch, cache);
        DeviceTensor result = _oProj.Forward(kernels, attention);
        attention.Dispose();
        kernels.AddRows(result, 0, x, 0, x.Rows);
        DeviceTensor normed = kernels.RmsNorm(result, _postAttentionNorm, _config.RmsNormEpsilon);
        DeviceTensor feedForward = _feedForward.Forward(kernels, normed);
        kernels.AddRows(result, 0, feedForward, 0, x.Rows);
        return scope.Promote(result);
    }

    // Tensors are freed at their last use: with a large step budget, those of one layer together are many times the hidden states.
    private DeviceTensor Attention(IKernels kernels, DeviceTensor x, DeviceTensor cos, DeviceTensor sin, ForwardBatch batch, KvCache cache)
    {
        DeviceTensor normed = kernels.RmsNorm(x, _inputNorm, _config.RmsNormEpsilon);
        DeviceTensor q = Heads(kernels, normed, (_qProj, _qNorm), cos, sin);
        DeviceTensor k = Heads(kernels, normed, (_kProj, _kNorm), cos, sin);
        DeviceTensor v = _vProj.Forward(kernels, normed);
        normed.Dispose();
        kernels.WriteKv(cache, _index, k, v, batch.Slots.AsSpan(0, batch.NumTokens));
        k.Dispose();
        v.Dispose();
        DeviceTensor attention = kernels.PagedAttention(q, cache, _index, batch.Attention, 1f / MathF.Sqrt(_config.HeadDim));
        q.Dispose();
        return attention;
    }

    // Projects to heads, then normalises and turns each.
    private DeviceTensor Heads(IKernels kernels, DeviceTensor x, (LinearLayer Projection, Weight Norm) weights, DeviceTensor cos, DeviceTensor sin)
    {
        DeviceTensor projected = weights.Projection.Forward(kernels, x);
        DeviceTensor normed = kernels.RmsNorm(projected, weights.Norm, _config.RmsNormEpsilon);
        projected.Dispose();
        DeviceTensor heads = kernels.Rotate(normed, cos, sin, _config.HeadDim);
        normed.Dispose();
        return heads;
    }
}
