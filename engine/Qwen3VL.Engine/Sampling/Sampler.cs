namespace Qwen3VL.Engine.Sampling;

/// <summary>
/// Chooses the next token of a sequence from its logits. Allocates nothing per token. Used by the engine thread only.
/// </summary>
/// <remarks>
/// The order, whatever the parameters:
/// <code>
/// 1 ids of padding rows are left out          4 logit bias                        7 temperature     greedy takes the highest logit here,
/// 2 the constraint's mask                     5 repetition penalty                8 top-k           the lowest id among equals
/// 3 allowed and banned ids                    6 presence, frequency penalty       9 top-p, min-p, one draw
/// </code>
/// 5 to 9 stand as in huggingface/transformers <c>generation/logits_process.py</c>; masks and bias before the penalties as in
/// vllm-project/vllm <c>v1/sample/sampler.py: Sampler.forward</c> (allowed ids, then bias, then penalties), which is also what the OpenAI
/// API says: a bias is added to what the model gives, before sampling. Masks are minus infinity, which nothing that follows can raise.
/// </remarks>
internal sealed class Sampler
{
    private readonly int _numTokens;
    private readonly TokenPenalties _penalties;
    private readonly Candidates _candidates;

    /// <summary>Creates a sampler.</summary>
    /// <param name="numLogits">Logits in a row: rows of the embedding table.</param>
    /// <param name="numTokens">Ids that the tokenizer knows; the embedding table is padded, and ids from here on are never chosen.</param>
    public Sampler(int numLogits, int numTokens)
    {
        if (numTokens < 1 || numTokens > numLogits)
        {
            throw new ArgumentException($"tokenizer ids must be 1 to the number of logits; got {numTokens} and {numLogits}");
        }

        _numTokens = numTokens;
        _penalties = new TokenPenalties(numTokens);
        _candidates = new Candidates(numTokens);
    }

    /// <summary>Chooses a token.</summary>
    /// <param name="logits">One row; changed by the penalties.</param>
    /// <param name="sampling">The request's parameters.</param>
    /// <param name="knownTokenIds">Prompt and output tokens so far.</param>
    /// <param name="numPromptTokens">How many of them are prompt.</param>
    /// <param name="rules">What the request says about single tokens; null says nothing.</param>
    /// <param name="constraint">The tokens with which the answer can go on; null allows all.</param>
    /// <exception cref="EngineInvariantException">The highest logit is not a finite number.</exception>
    public int Sample(
        Span<float> logits,
        SamplingParameters sampling,
        ReadOnlySpan<int> knownTokenIds,
        int numPromptTokens,
        TokenRules? rules = null,
        TokenMask? constraint = null)
    {
        Span<float> row = logits[.._numTokens];
        constraint?.Apply(row);
        rules?.Apply(row);
        _penalties.Apply(row, sampling, knownTokenIds, numPromptTokens);
        if (sampling.Temperature == 0)
        {
            return ArgMax(row);
        }

        Filter(row, sampling);
        double draw = new SequenceRandom(sampling.Seed).Draw(knownTokenIds.Length - numPromptTokens);
        double target = draw * _candidates.Total();
        double reached = 0;
        for (int i = 0; i < _candidates.Count; i++)
        {
            reached += _candidates.Weight(i);
            if (reached > target)
            {
                return _candidates.TokenId(i);
            }
        }

        // Rounding of the sum may leave the target at the very end.
        return _candidates.TokenId(_candidates.Count - 1);
    }

    /// <summary>The probability of every token as <see cref="Sample"/> draws it; for a greedy request, 1 for the one token.</summary>
    public double[] Probabilities(Span<float> logits, SamplingParameters sampling, ReadOnlySpan<int> knownTokenIds, int numPromptTokens)
    {
        var probabilities = new double[logits.Length];
        Span<float> row = logits[.._numTokens];
        _penalties.Apply(row, sampling, knownTokenIds, numPromptTokens);
        if (sampling.Temperature == 0)
        {
            probabilities[ArgMax(row)] = 1;
            return probabilities;
        }

        Filter(row, sampling);
        double total = _candidates.Total();
        for (int i = 0; i < _candidates.Count; i++)
        {
            probabilities[_candidates.TokenId(i)] = _candidates.Weight(i) / total;
        }

        return probabilities;
    }

    private void Filter(ReadOnlySpan<float> row, SamplingParameters sampling)
    {
        _candidates.Fill(row);
        _candidates.KeepTopK(sampling.TopK);
        _candidates.KeepTopP(sampling.TopP, sampling.Temperature);
        _candidates.Weigh(sampling.Temperature);
        _candidates.KeepMinP(sampling.MinP);
    }

    /// <summary>The lowest id among the highest logits. A row whose highest is not a finite number is a broken model, not a token.</summary>
    private static int ArgMax(ReadOnlySpan<float> row)
    {
        int best = 0;
        for (int tokenId = 0; tokenId < row.Length; tokenId++)
        {
            // Not a number wins and stays: nothing compares above it.
            if (row[tokenId] > row[best] || (float.IsNaN(row[tokenId]) && !float.IsNaN(row[best])))
            {
                best = tokenId;
            }
        }

        return float.IsFinite(row[best])
            ? best
            : throw new EngineInvariantException($"the highest of a row of logits must be a finite number; got {row[best]} among {row.Length}");
    }
}
