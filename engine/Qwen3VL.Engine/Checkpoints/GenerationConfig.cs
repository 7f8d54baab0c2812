namespace Qwen3VL.Engine.Checkpoints;

/// <summary>The <c>generation_config.json</c> of a checkpoint (spec 1.6).</summary>
/// <param name="EosTokenIds">Ids that end a turn.</param>
/// <param name="Sampling">The folder's own sampling defaults; greedy when <c>do_sample</c> is false.</param>
public sealed record GenerationConfig(IReadOnlyList<int> EosTokenIds, SamplingParameters Sampling);
