namespace Qwen3VL.Engine.Checkpoints;

/// <summary>The <c>generation_config.json</c> of a checkpoint (spec 1.6).</summary>
/// <param name="EosTokenIds">Ids that end a turn.</param>
/// <param name="Sampling">The folder's own sampling defaults; greedy when <c>do_sample</c> is false.</param>
public sealed record GenerationConfig(IReadOnlyList<int> EosTokenIds, SamplingParameters Sampling)
{
    /// <summary>How a publisher's Instruct checkpoints sample: for a folder that does not say.</summary>
    public static SamplingParameters InstructDefaults { get; } = new() { Temperature = 0.7, TopK = 20, TopP = 0.8 };

    /// <summary>How a publisher's Thinking checkpoints sample: for a folder that does not say.</summary>
    public static SamplingParameters ThinkingDefaults { get; } = new() { Temperature = 0.8, TopK = 20, TopP = 0.95 };

    /// <summary>Reads <c>generation_config.json</c> of a model folder, which must have it, as that of an Instruct checkpoint.</summary>
    /// <exception cref="CheckpointException">The file is missing or a key is wrong; names file and key.</exception>
    public static GenerationConfig Load(string folder) => GenerationConfigReader.Read(folder, new GenerationConfig([], InstructDefaults));

    /// <summary>Reads <c>generation_config.json</c> of a model folder; <paramref name="defaults"/> stand in for what the folder does not say.</summary>
    /// <exception cref="CheckpointException">A key is wrong, or nobody says where a turn ends; names file and key.</exception>
    public static GenerationConfig Load(string folder, GenerationConfig defaults) => GenerationConfigReader.Read(folder, defaults);
}
