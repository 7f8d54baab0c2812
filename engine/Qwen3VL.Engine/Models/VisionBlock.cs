using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;

namespace Qwen3VL.Engine.Models;

/// <summary>
/// One block of the vision tower (spec 3.4): <c>x + proj(attention(norm1(x)))</c>, then <c>x + fc2(gelu_tanh(fc1(norm2(x))))</c>. Attention
/// is bidirectional inside a frame pair.
/// </summary>
internal sealed class VisionBlock
{
    /// <summary>
    /// Rows that pass through the feed-forward block at once: its inner tensors are four times as wide as the block, over a gigabyte each for
    /// the largest images, and this many rows already keep every thread busy.
    /// </summary>
    internal const int RowsPerPiece = 4096;

    private readonly VisionConfig _config;
    private readonly Weight _norm1Weight;
    private readonly Weight _norm1Bias;
    private readonly Weight _norm2Weight;
    private readonly Weight _norm2Bias;
    private readonly LinearLayer _qkv;
    private readonly LinearLayer _proj;
    private readonly LinearLayer _fc1;
    private readonly LinearLayer _fc2;

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
        _qkv = LinearLayer.Load(loader, prefix + "attn.qkv", 3 * hidden, hidden, hasBias: true);
        _proj = LinearLayer.Load(loader, prefix + "attn.proj", hidden, hidden, hasBias: true);
        _fc1 = LinearLayer.Load(loader, prefix + "mlp.linear_fc1", intermediate, hidden, hasBias: true);
        _fc2 = LinearLayer.Load(loader, prefix + "mlp.linear_fc2", hidden, intermediate, hasBias: true);
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
        DeviceTensor attention = Attention(kernels, x, cos, sin, segmentStarts);
        DeviceTensor result = _proj.Forward(kernels, attention);
        attention.Dispose();
        kernels.AddRows(result, 0, x, 0, x.Rows);
        AddFeedForward(backend, result);
        return scope.Promote(result);
    }

    private DeviceTensor Attention(IKernels kernels, DeviceTensor x, DeviceTensor cos, DeviceTensor sin, ReadOnlySpan<int> segmentStarts)
    {
        int hidden = _config.HiddenSize;
        int headDim = hidden / _config.NumHeads;
        DeviceTensor normed = kernels.LayerNorm(x, _norm1Weight, _norm1Bias, VisionTower.LayerNormEpsilon);
        DeviceTensor qkv = _qkv.Forward(kernels, normed);
        normed.Dispose();
        DeviceTensor q = RotatedColumns(kernels, qkv, 0, cos, sin);
        DeviceTensor k = RotatedColumns(kernels, qkv, hidden, cos, sin);
        DeviceTensor v = kernels.SliceColumns(qkv, 2 * hidden, hidden);
        qkv.Dispose();
        DeviceTensor attention = kernels.SegmentAttention(q, k, v, segmentStarts, headDim, 1f / MathF.Sqrt(headDim));
        q.Dispose();
        k.Dispose();
        v.Dispose();
        return attention;
    }

    private DeviceTensor RotatedColumns(IKernels kernels, DeviceTensor qkv, int first, DeviceTensor cos, DeviceTensor sin)
    {
        DeviceTensor columns = kernels.SliceColumns(qkv, first, _config.HiddenSize);
        DeviceTensor rotated = kernels.Rotate(columns, cos, sin, _config.HiddenSize / _config.NumHeads);
        columns.Dispose();
        return rotated;
    }

    // Adds fc2(gelu(fc1(norm2(x)))) to x in place, piece by piece; rows do not see each other, so the pieces change no bit.
    private void AddFeedForward(IBackend backend, DeviceTensor x)
    {
        IKernels kernels = backend.Kernels;
        for (int first = 0; first < x.Rows; first += RowsPerPiece)
        {
            int count = Math.Min(RowsPerPiece, x.Rows - first);
            using ITensorScope scope = backend.OpenScope();
            DeviceTensor rows = count == x.Rows ? x : kernels.GatherRows(x, Enumerable.Range(first, count).ToArray());
            DeviceTensor normed = kernels.LayerNorm(rows, _norm2Weight, _norm2Bias, VisionTower.LayerNormEpsilon);
            DeviceTensor inner = _fc1.Forward(kernels, normed);
            DeviceTensor activated = kernels.Gelu(inner, GeluKind.Tanh);
            inner.Dispose();
            kernels.AddRows(x, first, _fc2.Forward(kernels, activated), 0, count);
        }
    }
}
