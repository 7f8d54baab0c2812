namespace Qwen3VL.Engine.Sampling;

/// <summary>What a request says about single tokens, laid out for the sampler: bias, bans, the allowed set. Immutable.</summary>
internal sealed class TokenRules
{
    private readonly int[] _biasedTokenIds;
    private readonly float[] _biases;
    private readonly TokenMask? _allowed;

    private TokenRules(int[] biasedTokenIds, float[] biases, TokenMask? allowed)
    {
        _biasedTokenIds = biasedTokenIds;
        _biases = biases;
        _allowed = allowed;
    }

    /// <summary>The rules of a request; null when it has none.</summary>
    /// <param name="sampling">The request's parameters; copied.</param>
    /// <param name="numTokens">Ids that the tokenizer knows.</param>
    /// <exception cref="InvalidRequestException">An id or a bias is out of range, there are too many, or no token is left.</exception>
    public static TokenRules? Create(SamplingParameters sampling, int numTokens)
    {
        SamplingLimits.ValidateTokens(sampling, numTokens);
        bool masks = sampling.BannedTokenIds.Count > 0 || sampling.AllowedTokenIds is not null;
        if (sampling.LogitBias.Count == 0 && !masks)
        {
            return null;
        }

        KeyValuePair<int, double>[] biases = [.. sampling.LogitBias];
        return new TokenRules(
            Array.ConvertAll(biases, entry => entry.Key),
            Array.ConvertAll(biases, entry => (float)entry.Value),
            masks ? MaskOf(sampling, numTokens) : null);
    }

    /// <summary>Masks, then biases the logits in place.</summary>
    public void Apply(Span<float> logits)
    {
        _allowed?.Apply(logits);
        for (int i = 0; i < _biasedTokenIds.Length; i++)
        {
            logits[_biasedTokenIds[i]] += _biases[i];
        }
    }

    private static TokenMask MaskOf(SamplingParameters sampling, int numTokens)
    {
        var mask = new TokenMask(numTokens, containsAll: sampling.AllowedTokenIds is null);
        foreach (int tokenId in sampling.AllowedTokenIds ?? [])
        {
            mask.Add(tokenId);
        }

        foreach (int tokenId in sampling.BannedTokenIds)
        {
            mask.Remove(tokenId);
        }

        return mask.Count > 0
            ? mask
            : throw new InvalidRequestException(
                $"allowed_token_ids without banned_token_ids must leave at least 1 token; got {sampling.AllowedTokenIds?.Count ?? numTokens} allowed and {sampling.BannedTokenIds.Count} banned");
    }
}
