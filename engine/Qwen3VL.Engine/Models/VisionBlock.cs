using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;

namespace Qwen3VL.Engine.Models;

/// <summary>
/// One block of the vision tower (spec 3.4): <c>x + proj(attention(norm1(x)))</c>, then <c>x + fc2(gelu_tanh(fc1(norm2(x))))</c>. Attention
/// is bidirectional inside a frame pair.
/// </summary>
internal sealed class VisionBlock
{
    private readonly VisionConfig _config;
    private readonly Weight _norm1Weight;
    private readonly Weight _norm1Bias;
    private readonly Weight _norm2Weight;
    private readonly Weight _norm2Bias;
    private readonly Weight _qkvWeight;
    private readonly Weight _qkvBias;
    private readonly Weight _projWeight;
    private readonly Weight _projBias;
    private readonly Weight _fc1Weight;
    private readonly Weight _fc1Bias;
    private readonly Weight _fc2Weight;
    private readonly Weight _fc2Bias;

    /// <summary>Loads block <paramref name="index"/>.</summary>
    internal VisionBlock(WeightLoader loader, VisionConfig config, int index)
    {
        string prefix = $"model.visual.blocks.{index}.";
        int hidden = config.HiddenSize;
        int intermediate = config.IntermediateSize;
        _config = config;
        _norm1Weight = loader.Vector(prefix + "norm1.weight", hidden);
        _norm1Bias = loader.Vector(prefix + "norm1.bias", hidden);
        _norm2Weight = loader.Vector(prefix + "norm2.weight", hidden);
        _norm2Bias = loader.Vector(prefix + "norm2.bias", hidden);
        _qkvWeight = loader.Matrix(prefix + "attn.qkv.weight", 3 * hidden, hidden);
        _qkvBias = loader.Vector(prefix + "attn.qkv.bias", 3 * hidden);
        _projWeight = loader.Matrix(prefix + "attn.proj.weight", hidden, hidden);
        _projBias = loader.Vector(prefix + "attn.proj.bias", hidden);
        _fc1Weight = loader.Matrix(prefix + "mlp.linear_fc1.weight", intermediate, hidden);
        _fc1Bias = loader.Vector(prefix + "mlp.linear_fc1.bias", intermediate);
        _fc2Weight = loader.Matrix(prefix + "mlp.linear_fc2.weight", hidden, intermediate);
        _fc2Bias = loader.Vector(prefix + "mlp.linear_fc2.bias", hidden);
    }

    /// <summary>Runs the block.</summary>
    /// <param name="backend">Where the weights are.</param>
    /// <param name="x"><c>[patches, hidden]</c>.</param>
    /// <param name="cos">Cosines <c>[patches, headDim / 2]</c>.</param>
    /// <param name="sin">Sines, same shape.</param>
    /// <param name="segmentStarts">First patch of each frame pair and the end.</param>
    /// <returns><c>[patches, hidden]</c> in the scope that was innermost at the call.</returns>
    internal DeviceTensor Forward(IBackend backend, DeviceTensor x, DeviceTensor cos, DeviceTensor sin, ReadOnlySpan<int> segmentStarts)
    {
        IKernels kernels = backend.Kernels;
        using ITensorScope scope = backend.OpenScope();
        DeviceTensor attention = Attention(kernels, kernels.LayerNorm(x, _norm1Weight, _norm1Bias, VisionTower.LayerNormEpsilon), cos, sin, segmentStarts);
        DeviceTensor afterAttention = kernels.Add(x, kernels.Linear(attention, _projWeight, _projBias));
        DeviceTensor normed = kernels.LayerNorm(afterAttention, _norm2Weight, _norm2Bias, VisionTower.LayerNormEpsilon);
        DeviceTensor inner = kernels.Gelu(kernels.Linear(normed, _fc1Weight, _fc1Bias), GeluKind.Tanh);
        return scope.Promote(kernels.Add(afterAttention, kernels.Linear(inner, _fc2Weight, _fc2Bias)));
    }

    private DeviceTensor Attention(IKernels kernels, DeviceTensor normed, DeviceTensor cos, DeviceTensor sin, ReadOnlySpan<int> segmentStarts)
    {
        int hidden = _config.HiddenSize;
        int headDim = hidden / _config.NumHeads;
        DeviceTensor qkv = kernels.Linear(normed, _qkvWeight, _qkvBias);
        DeviceTensor q = kernels.Rotate(kernels.SliceColumns(qkv, 0, hidden), cos, sin, headDim);
        DeviceTensor k = kernels.Rotate(kernels.SliceColumns(qkv, hidden, hidden), cos, sin, headDim);
        DeviceTensor v = kernels.SliceColumns(qkv, 2 * hidden, hidden);
        return kernels.SegmentAttention(q, k, v, segmentStarts, headDim, 1f / MathF.Sqrt(headDim));
    }
}
