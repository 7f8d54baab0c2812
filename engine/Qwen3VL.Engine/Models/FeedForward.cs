using Qwen3VL.Engine.Backends;

namespace Qwen3VL.Engine.Models;

/// <summary>The feed-forward block of a decoder layer.</summary>
internal abstract class FeedForward
{
    /// <summary>Computes the block of <c>[tokens, hidden]</c>, which it frees -> same shape in the innermost scope.</summary>
    internal abstract DeviceTensor Forward(IKernels kernels, DeviceTensor x);
}
