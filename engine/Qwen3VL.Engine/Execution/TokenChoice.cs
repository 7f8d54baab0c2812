using Qwen3VL.Engine.Constraints;
using Qwen3VL.Engine.Sampling;

namespace Qwen3VL.Engine.Execution;

/// <summary>How the tokens of one request are chosen and reported: the request's own words, checked and copied.</summary>
internal sealed record TokenChoice
{
    /// <summary>Parameters of the sampler.</summary>
    public required SamplingParameters Sampling { get; init; }

    /// <summary>Bias, bans and the allowed set; null when there are none.</summary>
    public TokenRules? Rules { get; init; }

    /// <summary>What the answer must look like, and where it stands in that; null leaves it free.</summary>
    public AnswerConstraint? Constraint { get; init; }

    /// <summary>Alternatives reported with each output token; null reports no log-probabilities.</summary>
    public int? OutputLogProbabilities { get; init; }
}
