using Qwen3VL.Engine.Sampling;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>Reads <c>generation_config.json</c> of a model folder.</summary>
internal static class GenerationConfigReader
{
    /// <summary>Name of the file inside the folder.</summary>
    internal const string FileName = "generation_config.json";

    /// <summary>Reads the stop ids and the sampling defaults.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="defaults">What stands in for an absent file, an absent <c>do_sample</c> and absent keys of sampling.</param>
    /// <exception cref="CheckpointException">A key is wrong or out of its range, or neither file nor defaults have a stop id.</exception>
    internal static GenerationConfig Read(string folder, GenerationConfig defaults)
    {
        string path = Path.Combine(folder, FileName);
        if (defaults.EosTokenIds.Count > 0 && !File.Exists(path))
        {
            return defaults;
        }

        ConfigSection root = ConfigSection.ReadFile(path);
        IReadOnlyList<int> eosTokenIds = defaults.EosTokenIds.Count > 0 && !root.Has("eos_token_id") ? defaults.EosTokenIds : root.Int32List("eos_token_id");
        SamplingParameters sampling = ReadSampling(root, defaults.Sampling);
        try
        {
            SamplingLimits.Validate(sampling);
        }
        catch (InvalidRequestException exception)
        {
            throw new CheckpointException($"{path}: {exception.Message}", exception);
        }

        return new GenerationConfig(eosTokenIds, sampling);
    }

    private static SamplingParameters ReadSampling(ConfigSection root, SamplingParameters defaults)
    {
        double repetition = root.DoubleOr("repetition_penalty", 1);
        if (!root.BooleanOr("do_sample", true))
        {
            return SamplingParameters.Greedy with { RepetitionPenalty = repetition };
        }

        return new SamplingParameters
        {
            Temperature = root.DoubleOr("temperature", defaults.Temperature),
            TopK = root.Has("top_k") ? root.Int32("top_k") : defaults.TopK,
            TopP = root.DoubleOr("top_p", defaults.TopP),
            MinP = root.DoubleOr("min_p", defaults.MinP),
            RepetitionPenalty = repetition,
            PresencePenalty = root.DoubleOr("presence_penalty", defaults.PresencePenalty),
        };
    }
}
