using Qwen3VL.Engine.Backends;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>The two factors of a low-rank adapter of one linear layer. Owned by the loader that made them.</summary>
/// <param name="Reduce">A: <c>[rank, in]</c>.</param>
/// <param name="Expand">B times the adapter's scale: <c>[out, rank]</c>.</param>
internal sealed record AdapterWeights(Weight Reduce, Weight Expand);
