using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;

namespace Qwen3VL.Engine.Models;

/// <summary>
/// Turns the four patches of a merge block into one vision token of the decoder's width (spec 3.5): LayerNorm, concatenation, fc1, exact
/// GELU, fc2. The main merger normalises single patches before the concatenation, DeepStack mergers the concatenated block after it.
/// </summary>
internal sealed class PatchMerger
{
    private const int PatchesPerBlock = 4;

    private readonly bool _normAfterConcatenation;
    private readonly Weight _normWeight;
    private readonly Weight _normBias;
    private readonly LinearLayer _fc1;
    private readonly LinearLayer _fc2;

    private PatchMerger(WeightLoader loader, VisionConfig config, string prefix, bool normAfterConcatenation)
    {
        int merged = PatchesPerBlock * config.HiddenSize;
        int normed = normAfterConcatenation ? merged : config.HiddenSize;
        _normAfterConcatenation = normAfterConcatenation;
        _normWeight = loader.Vector(prefix + "norm.weight", normed);
        _normBias = loader.Vector(prefix + "norm.bias", normed);
        _fc1 = LinearLayer.Load(loader, prefix + "linear_fc1", merged, merged, hasBias: true);
        _fc2 = LinearLayer.Load(loader, prefix + "linear_fc2", config.OutHiddenSize, merged, hasBias: true);
    }

    /// <summary>Loads the merger that follows the last block.</summary>
    internal static PatchMerger LoadMain(WeightLoader loader, VisionConfig config) =>
        new(loader, config, "model.visual.merger.", normAfterConcatenation: false);

    /// <summary>Loads the merger of DeepStack tap <paramref name="tap"/>.</summary>
    internal static PatchMerger LoadDeepStack(WeightLoader loader, VisionConfig config, int tap) =>
        new(loader, config, $"model.visual.deepstack_merger_list.{tap}.", normAfterConcatenation: true);

    /// <summary>Merges <c>[patches, hidden]</c> into <c>[patches / 4, outHidden]</c>. The caller owns the result.</summary>
    internal DeviceTensor Forward(IBackend backend, DeviceTensor x)
    {
        IKernels kernels = backend.Kernels;
        using ITensorScope scope = backend.OpenScope();
        int rows = x.Rows / PatchesPerBlock;
        int columns = x.Columns * PatchesPerBlock;
        DeviceTensor normed = _normAfterConcatenation
            ? kernels.LayerNorm(kernels.Reshape(x, rows, columns), _normWeight, _normBias, VisionTower.LayerNormEpsilon)
            : kernels.Reshape(kernels.LayerNorm(x, _normWeight, _normBias, VisionTower.LayerNormEpsilon), rows, columns);
        DeviceTensor inner = kernels.Gelu(_fc1.Forward(kernels, normed), GeluKind.Erf);
        return scope.Keep(_fc2.Forward(kernels, inner));
    }
}
