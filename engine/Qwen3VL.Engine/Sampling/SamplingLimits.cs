namespace Qwen3VL.Engine.Sampling;

/// <summary>The ranges in which sampling parameters work.</summary>
internal static class SamplingLimits
{
    /// <summary>Most alternatives reported with a log-probability: what the OpenAI and vLLM servers report at most.</summary>
    public const int MaxTopLogProbabilities = 20;

    // Far more than any use; bounds what a request can make each step do.
    private const int MaxLogitBiases = 1024;

    // The range of the OpenAI API: far enough to decide alone.
    private const double MaxLogitBias = 100;

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

    /// <summary>Throws when a token id or a bias is outside its range.</summary>
    /// <param name="sampling">The parameters.</param>
    /// <param name="numTokens">Ids that the tokenizer knows; padding rows of the embedding table are not among them.</param>
    /// <exception cref="InvalidRequestException">Names the parameter, the rule and the value.</exception>
    public static void ValidateTokens(SamplingParameters sampling, int numTokens)
    {
        Require(sampling.LogitBias.Count <= MaxLogitBiases, "logit_bias", $"at most {MaxLogitBiases} entries", sampling.LogitBias.Count);
        foreach ((int tokenId, double bias) in sampling.LogitBias)
        {
            RequireTokenId("logit_bias", tokenId, numTokens);
            Require(bias is >= -MaxLogitBias and <= MaxLogitBias, $"logit_bias of token {tokenId}", $"in -{MaxLogitBias}..{MaxLogitBias}", bias);
        }

        ValidateTokenIds("banned_token_ids", sampling.BannedTokenIds, numTokens);
        ValidateTokenIds("allowed_token_ids", sampling.AllowedTokenIds ?? [], numTokens);
    }

    /// <summary>Throws when more alternatives are asked for than are reported.</summary>
    /// <exception cref="InvalidRequestException">Names the parameter, the rule and the value.</exception>
    public static void ValidateLogProbabilities(string name, int? numTop) =>
        Require(numTop is null or (>= 0 and <= MaxTopLogProbabilities), name, $"in 0..{MaxTopLogProbabilities}", numTop ?? 0);

    private static void ValidateTokenIds(string name, IReadOnlyCollection<int> tokenIds, int numTokens)
    {
        Require(tokenIds.Count <= numTokens, name, $"at most {numTokens} ids", tokenIds.Count);
        foreach (int tokenId in tokenIds)
        {
            RequireTokenId(name, tokenId, numTokens);
        }
    }

    private static void RequireTokenId(string name, int tokenId, int numTokens) =>
        Require(tokenId >= 0 && tokenId < numTokens, $"a token id of {name}", $"in 0..{numTokens - 1}", tokenId);

    private static void Require(bool holds, string name, string rule, double value)
    {
        if (!holds)
        {
            throw new InvalidRequestException($"{name} must be {rule}; got {value}");
        }
    }
}
