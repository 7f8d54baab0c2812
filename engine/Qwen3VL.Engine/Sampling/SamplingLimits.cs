namespace Qwen3VL.Engine.Sampling;

/// <summary>The ranges in which sampling parameters work.</summary>
internal static class SamplingLimits
{
    /// <summary>Throws when a parameter is outside its range.</summary>
    /// <exception cref="InvalidRequestException">Names the parameter, the rule and the value.</exception>
    public static void Validate(SamplingParameters sampling)
    {
        Require(sampling.Temperature is >= 0 and <= 100, "temperature", "in 0..100", sampling.Temperature);
        Require(sampling.TopK >= 0, "top_k", "at least 0", sampling.TopK);
        Require(sampling.TopP is > 0 and <= 1, "top_p", "in (0, 1]", sampling.TopP);
        Require(sampling.MinP is >= 0 and < 1, "min_p", "in [0, 1)", sampling.MinP);
        Require(sampling.RepetitionPenalty is >= 0.01 and <= 100, "repetition_penalty", "in 0.01..100", sampling.RepetitionPenalty);
        Require(sampling.PresencePenalty is >= -2 and <= 2, "presence_penalty", "in -2..2", sampling.PresencePenalty);
        Require(sampling.FrequencyPenalty is >= -2 and <= 2, "frequency_penalty", "in -2..2", sampling.FrequencyPenalty);
    }

    private static void Require(bool holds, string name, string rule, double value)
    {
        if (!holds)
        {
            throw new InvalidRequestException($"{name} must be {rule}; got {value}");
        }
    }
}
