namespace Qwen3VL.Engine.Backends;

/// <summary>
/// The feed-forward matrices of the experts of one layer, one of each kind an expert, output-major like every weight: expert e computes
/// <c>Down[e] (silu(Gate[e] x) * Up[e] x)</c>. Owned by the loader that made them.
/// </summary>
/// <param name="Gate"><c>[intermediate, hidden]</c> each.</param>
/// <param name="Up"><c>[intermediate, hidden]</c> each.</param>
/// <param name="Down"><c>[hidden, intermediate]</c> each.</param>
public sealed record ExpertWeights(IReadOnlyList<Weight> Gate, IReadOnlyList<Weight> Up, IReadOnlyList<Weight> Down);
