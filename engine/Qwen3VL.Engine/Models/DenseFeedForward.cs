using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;

namespace Qwen3VL.Engine.Models;

/// <summary>One gated block for every token: <c>down(silu(gate x) * (up x))</c> (spec 4.1).</summary>
internal sealed class DenseFeedForward : FeedForward
{
    private readonly LinearLayer _gateProj;
    private readonly LinearLayer _upProj;
    private readonly LinearLayer _downProj;

    /// <summary>Loads the block whose tensors begin with <paramref name="prefix"/>.</summary>
    internal DenseFeedForward(WeightLoader loader, string prefix, int hidden, int intermediate)
    {
        _gateProj = LinearLayer.Load(loader, prefix + "gate_proj", intermediate, hidden);
        _upProj = LinearLayer.Load(loader, prefix + "up_proj", intermediate, hidden);
        _downProj = LinearLayer.Load(loader, prefix + "down_proj", hidden, intermediate);
    }

    /// <inheritdoc/>
    internal override DeviceTensor Forward(IKernels kernels, DeviceTensor x)
    {
        DeviceTensor gate = _gateProj.Forward(kernels, x);
        DeviceTensor up = _upProj.Forward(kernels, x);
        x.Dispose();
        DeviceTensor inner = kernels.SiluMul(gate, up);
        gate.Dispose();
        up.Dispose();
        return _downProj.Forward(kernels, inner);
    }
}
