namespace Qwen3VL.Engine.Sampling;

/// <summary>
/// The log-probabilities of a prompt while it is computed, whatever the chunks. Survives preemption: what has been scored is not scored
/// again. Owned by its sequence, used by the engine thread only.
/// </summary>
internal sealed class PromptScores
{
    private readonly int[] _tokenIds;
    private readonly int _numTop;
    private readonly List<TokenLogProbability?> _scores;

    /// <summary>Creates scores of a prompt; nothing stands before its first token, so that has none.</summary>
    /// <param name="tokenIds">The prompt; copied.</param>
    /// <param name="numTop">Alternatives of each token.</param>
    public PromptScores(int[] tokenIds, int numTop)
    {
        _tokenIds = [.. tokenIds];
        _numTop = numTop;
        _scores = new List<TokenLogProbability?>(tokenIds.Length) { null };
    }

    /// <summary>Tokens at the start of the prompt that are done; the first at once.</summary>
    public int NumScored => _scores.Count;

    /// <summary>Whether the whole prompt is done.</summary>
    public bool IsComplete => _scores.Count == _tokenIds.Length;

    /// <summary>One entry a prompt token.</summary>
    public IReadOnlyList<TokenLogProbability?> Scores => _scores;

    /// <summary>Puts the final ids of a pruned clip's range in place of the provisional ones, before the range is scored.</summary>
    public void SetTokens(int first, ReadOnlySpan<int> tokenIds) => tokenIds.CopyTo(_tokenIds.AsSpan(first));

    /// <summary>Scores the next token of the prompt.</summary>
    /// <param name="tokenIndex">Its index; must be <see cref="NumScored"/>.</param>
    /// <param name="logits"><c>[vocabulary]</c>, raw logits behind the token before it.</param>
    /// <exception cref="EngineInvariantException">Another token is next.</exception>
    public void Take(int tokenIndex, ReadOnlySpan<float> logits)
    {
        if (tokenIndex != NumScored || IsComplete)
        {
            throw new EngineInvariantException($"prompt tokens must be scored in order; got {tokenIndex} after {NumScored} of {_tokenIds.Length}");
        }

        _scores.Add(LogSoftmax.Score(logits, _tokenIds[tokenIndex], _numTop));
    }
}
