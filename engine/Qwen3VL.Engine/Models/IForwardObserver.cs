using Qwen3VL.Engine.Backends;

namespace Qwen3VL.Engine.Models;

/// <summary>Sees intermediate values of a forward pass: the way to compare layer by layer with a reference.</summary>
internal interface IForwardObserver
{
    /// <summary>
    /// Called after decoder layer <paramref name="layer"/> and its DeepStack addition with <c>[tokens, hidden]</c>, which is valid during the
    /// call only.
    /// </summary>
    void OnDecoderLayer(int layer, DeviceTensor hidden);
}
