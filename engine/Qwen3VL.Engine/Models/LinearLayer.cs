using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;

namespace Qwen3VL.Engine.Models;

/// <summary>
/// A linear layer of the network: weight, perhaps a bias, perhaps a low-rank adapter beside it (E. Hu et al., LoRA: Low-Rank Adaptation of
/// Large Language Models). The adapter is never merged, <c>y = W x + b + B (A x)</c>, so the weight keeps the type it is stored in.
/// </summary>
internal sealed class LinearLayer
{
    private readonly Weight _weight;
    private readonly Weight? _bias;
    private readonly AdapterWeights? _adapter;

    private LinearLayer(Weight weight, Weight? bias, AdapterWeights? adapter)
    {
        _weight = weight;
        _bias = bias;
        _adapter = adapter;
    }

    /// <summary>Loads the layer of a module, for example <c>model.visual.merger.linear_fc1</c>.</summary>
    /// <param name="loader">Owner of the weights.</param>
    /// <param name="module">Name of the module in the checkpoint.</param>
    /// <param name="rows">Output features.</param>
    /// <param name="columns">Input features.</param>
    /// <param name="hasBias">Whether it has a bias.</param>
    internal static LinearLayer Load(WeightLoader loader, string module, int rows, int columns, bool hasBias = false) => new(
        loader.Matrix(module + ".weight", rows, columns),
        hasBias ? loader.Vector(module + ".bias", rows) : null,
        loader.Adapter(module, rows, columns));

    /// <summary>A module whose weight is that of another one, which is loaded already.</summary>
    internal static LinearLayer Over(WeightLoader loader, string module, Weight weight) =>
        new(weight, null, loader.Adapter(module, weight.Rows, weight.Columns));

    /// <summary><c>x [n, in]</c> -> <c>[n, out]</c> in the innermost scope.</summary>
    internal DeviceTensor Forward(IKernels kernels, DeviceTensor x)
    {
        DeviceTensor result = kernels.Linear(x, _weight, _bias);
        if (_adapter is null)
        {
            return result;
        }

        DeviceTensor reduced = kernels.Linear(x, _adapter.Reduce);
        DeviceTensor expanded = kernels.Linear(reduced, _adapter.Expand);
        reduced.Dispose();
        kernels.AddRows(result, 0, expanded, 0, result.Rows);
        expanded.Dispose();
        return result;
    }
}
