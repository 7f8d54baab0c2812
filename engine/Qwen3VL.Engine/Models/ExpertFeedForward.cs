using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;

namespace Qwen3VL.Engine.Models;

/// <summary>
/// A mixture of experts: a router chooses a few gated blocks for each token (spec 4.4; huggingface/transformers v4.57.6,
/// modeling_qwen3_vl_moe.py, Qwen3VLMoeTextSparseMoeBlock).
/// </summary>
internal sealed class ExpertFeedForward : FeedForward
{
    private readonly LinearLayer _router;
    private readonly ExpertWeights _experts;
    private readonly int _topK;

    /// <summary>Loads the block whose tensors begin with <paramref name="prefix"/>.</summary>
    internal ExpertFeedForward(WeightLoader loader, string prefix, int hidden, ExpertConfig config)
    {
        _router = LinearLayer.Load(loader, prefix + "gate", config.NumExperts, hidden);
        _experts = loader.Experts(prefix + "experts", config.NumExperts, hidden, config.IntermediateSize);
        _topK = config.NumExpertsPerToken;
    }

    /// <inheritdoc/>
    internal override DeviceTensor Forward(IKernels kernels, DeviceTensor x)
    {
        DeviceTensor logits = _router.Forward(kernels, x);
        DeviceTensor result = kernels.MixtureOfExperts(x, logits, _experts, _topK);
        logits.Dispose();
        x.Dispose();
        return result;
    }
}
