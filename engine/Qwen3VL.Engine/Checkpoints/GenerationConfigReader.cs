namespace Qwen3VL.Engine.Checkpoints;

/// <summary>Reads <c>generation_config.json</c> of a model folder.</summary>
internal static class GenerationConfigReader
{
    /// <summary>Name of the file inside the folder.</summary>
    internal const string FileName = "generation_config.json";

    /// <summary>Reads the stop ids and the sampling defaults. An absent sampling key means that the step is off.</summary>
    /// <exception cref="CheckpointException">The file is missing or a key is wrong.</exception>
    internal static GenerationConfig Read(string folder)
    {
        ConfigSection root = ConfigSection.ReadFile(Path.Combine(folder, FileName));
        IReadOnlyList<int> eosTokenIds = root.Int32List("eos_token_id");
        return new GenerationConfig(eosTokenIds, ReadSampling(root));
    }

    private static SamplingParameters ReadSampling(ConfigSection root)
    {
        if (!root.Has("do_sample") || !root.Boolean("do_sample"))
        {
            return SamplingParameters.Greedy with { RepetitionPenalty = root.DoubleOr("repetition_penalty", 1) };
        }

        return new SamplingParameters
        {
            // The reference samples at 1 when a sampling folder names no temperature.
            Temperature = root.DoubleOr("temperature", 1),
            TopK = root.Has("top_k") ? root.Int32("top_k") : 0,
            TopP = root.DoubleOr("top_p", 1),
            MinP = root.DoubleOr("min_p", 0),
            RepetitionPenalty = root.DoubleOr("repetition_penalty", 1),
            PresencePenalty = root.DoubleOr("presence_penalty", 0),
        };
    }
}
