namespace Qwen3VL.Engine.Checkpoints;

/// <summary>The <c>generation_config.json</c> of a checkpoint (spec 1.6).</summary>
/// <param name="EosTokenIds">Ids that end a turn.</param>
/// <param name="Sampling">The folder's own sampling defaults; greedy when <c>do_sample</c> is false.</param>
public sealed record GenerationConfig(IReadOnlyList<int> EosTokenIds, SamplingParameters Sampling)
{
    /// <summary>Reads <c>generation_config.json</c> of a model folder.</summary>
    /// <exception cref="CheckpointException">The file is missing or a key is wrong; names file and key.</exception>
    public static GenerationConfig Load(string folder) => GenerationConfigReader.Read(folder);
}
