namespace Qwen3VL.Engine.Sampling;

/// <summary>
/// Logit changes that depend on the tokens so far: repetition, presence and frequency penalty. Keeps one mark a vocabulary entry so that a
/// repeated token counts once; nothing is allocated per token. Used by one thread.
/// </summary>
/// <param name="vocabularySize">Logits in a row.</param>
internal sealed class TokenPenalties(int vocabularySize)
{
    private readonly int[] _marks = new int[vocabularySize];
    private int _mark;

    /// <summary>Changes the logits in place.</summary>
    /// <param name="logits"><c>[vocabulary]</c>.</param>
    /// <param name="sampling">The penalties.</param>
    /// <param name="knownTokenIds">Prompt and output tokens.</param>
    /// <param name="numPromptTokens">How many of them are prompt.</param>
    public void Apply(Span<float> logits, SamplingParameters sampling, ReadOnlySpan<int> knownTokenIds, int numPromptTokens)
    {
        if (sampling.RepetitionPenalty != 1)
        {
            ApplyRepetition(logits, (float)sampling.RepetitionPenalty, knownTokenIds);
        }

        if (sampling.PresencePenalty != 0 || sampling.FrequencyPenalty != 0)
        {
            ApplyOutputCounts(logits, (float)sampling.PresencePenalty, (float)sampling.FrequencyPenalty, knownTokenIds[numPromptTokens..]);
        }
    }

    /// <summary>Divides positive and multiplies negative logits of tokens already seen.</summary>
    private void ApplyRepetition(Span<float> logits, float penalty, ReadOnlySpan<int> tokenIds)
    {
        NextMark();
        foreach (int tokenId in tokenIds)
        {
            if ((uint)tokenId < (uint)_marks.Length && _marks[tokenId] != _mark)
            {
                _marks[tokenId] = _mark;
                logits[tokenId] = logits[tokenId] > 0 ? logits[tokenId] / penalty : logits[tokenId] * penalty;
            }
        }
    }

    /// <summary>Subtracts presence once and frequency for each time a token was generated.</summary>
    private void ApplyOutputCounts(Span<float> logits, float presence, float frequency, ReadOnlySpan<int> outputTokenIds)
    {
        NextMark();
        foreach (int tokenId in outputTokenIds)
        {
            if ((uint)tokenId >= (uint)_marks.Length)
            {
                continue;
            }

            logits[tokenId] -= frequency;
            if (_marks[tokenId] != _mark)
            {
                _marks[tokenId] = _mark;
                logits[tokenId] -= presence;
            }
        }
    }

    private void NextMark()
    {
        if (_mark == int.MaxValue)
        {
            Array.Clear(_marks);
            _mark = 0;
        }

        _mark++;
    }
}
