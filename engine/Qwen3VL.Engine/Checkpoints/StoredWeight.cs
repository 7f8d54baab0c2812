using Qwen3VL.Engine.Backends;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>A weight as the checkpoint holds it, checked and ready to be read.</summary>
/// <param name="Description">Shape, type and scales.</param>
/// <param name="Read">Reads its rows while the checkpoint is open.</param>
internal sealed record StoredWeight(WeightDescription Description, WeightRowReader Read);
