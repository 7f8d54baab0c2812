using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Sampling;
using Qwen3VL.Engine.Scheduling;
using Qwen3VL.Engine.Tokenization;

namespace Qwen3VL.Engine.Execution;

/// <summary>
/// One request inside the engine: its sequence, how its tokens are chosen, its text and its caller's handle. Owned by the engine thread
/// from submission on.
/// </summary>
internal sealed class ActiveGeneration
{
    private readonly IncrementalDetokenizer _detokenizer;
    private readonly OutputText _text;
    private readonly StopRules _rules;
    private readonly int _numImageTokens;
    private readonly List<TokenLogProbability> _scores = [];
    private int _numScoresPublished;
    private Action? _leaveQueue;
    private long _admittedAt;

    /// <summary>Creates the engine's side of a request.</summary>
    /// <param name="sequence">Its tokens and counts.</param>
    /// <param name="choice">How its tokens are chosen and reported.</param>
    /// <param name="stopStrings">Strings that end its answer; owned from here.</param>
    /// <param name="tokenizer">Gives the bytes of tokens.</param>
    /// <param name="rules">What ends an answer of this checkpoint.</param>
    /// <param name="handle">The caller's handle.</param>
    /// <param name="leaveQueue">Called once when it stops waiting for its first admission: by running or by ending.</param>
    public ActiveGeneration(
        SequenceState sequence,
        TokenChoice choice,
        string[] stopStrings,
        ITokenizer tokenizer,
        StopRules rules,
        LocalGeneration handle,
        Action leaveQueue)
    {
        Sequence = sequence;
        Choice = choice;
        Handle = handle;
        _detokenizer = new IncrementalDetokenizer(tokenizer);
        _text = new OutputText(stopStrings, rules.StartsInReasoning);
        _rules = rules;
        _leaveQueue = leaveQueue;
        for (int mediaIndex = 0; mediaIndex < sequence.Prompt.Media.Count; mediaIndex++)
        {
            _numImageTokens += sequence.Prompt.NumRows(mediaIndex);
        }
    }

    /// <summary>Its tokens and counts.</summary>
    public SequenceState Sequence { get; }

    /// <summary>How its tokens are chosen and reported.</summary>
    public TokenChoice Choice { get; }

    /// <summary>The caller's handle.</summary>
    public LocalGeneration Handle { get; }

    /// <summary>Notes the first admission.</summary>
    public void Admit(long timestamp)
    {
        _admittedAt = timestamp;
        LeaveQueue();
    }

    /// <summary>The tokens that may be chosen next; null allows all. Valid until the next call.</summary>
    /// <exception cref="InvalidRequestException">The constraint is too ambiguous to follow.</exception>
    public TokenMask? NextMask() => Choice.Constraint?.Mask(_text.IsInReasoning);

    /// <summary>Takes a sampled token: appends it, streams its text, and says whether the generation ends with it and why.</summary>
    /// <param name="tokenId">The token.</param>
    /// <param name="score">Its log-probability; null when the request does not ask for it.</param>
    public FinishReason? Accept(int tokenId, TokenLogProbability? score = null)
    {
        Sequence.Append(tokenId);
        if (score is not null)
        {
            _scores.Add(score);
        }

        if (_rules.IsEnd(tokenId))
        {
            return FinishReason.Stop;
        }

        if (!_text.IsInReasoning)
        {
            Choice.Constraint?.Accept(tokenId);
        }

        if (AppendText(tokenId))
        {
            return FinishReason.Stop;
        }

        Publish(isFinal: false);
        return Sequence.NumOutputTokens == Sequence.MaxOutputTokens ? FinishReason.Length : null;
    }

    /// <summary>Completes the caller's handle. The sequence must hold nothing any more.</summary>
    public GenerationUsage Complete(FinishReason reason, TimeProvider time)
    {
        LeaveQueue();
        _text.Append(_detokenizer.Flush());
        Publish(isFinal: true);
        var usage = new GenerationUsage(
            Sequence.NumPromptTokens,
            Math.Max(0, Sequence.NumCachedTokens),
            _numImageTokens,
            Sequence.NumOutputTokens,
            Sequence.NumCachedTokens < 0 ? TimeSpan.Zero : time.GetElapsedTime(_admittedAt));
        Handle.Complete(new GenerationResult(
            _text.Answer,
            _text.Reasoning,
            Sequence.OutputTokenIds.ToArray(),
            reason,
            usage,
            [.. Sequence.Prompt.Media.Select((media, index) => Seen(media, Sequence.Prompt.NumRows(index)))])
        {
            OutputLogProbabilities = [.. _scores],
            PromptLogProbabilities = Sequence.PromptScores is { } prompt ? [.. prompt.Scores] : [],
        });
        return usage;
    }

    /// <summary>Fails the caller's handle.</summary>
    public void Fail(Exception failure)
    {
        LeaveQueue();
        Handle.Fail(failure);
    }

    /// <summary>Adds a token's text; true when a stop string ended the answer.</summary>
    private bool AppendText(int tokenId)
    {
        if (_text.IsInReasoning && tokenId == _rules.OpenReasoningTokenId && Sequence.NumOutputTokens == 1)
        {
            return false;
        }

        if (!_text.IsInReasoning || tokenId != _rules.CloseReasoningTokenId)
        {
            return _text.Append(_detokenizer.Append(tokenId));
        }

        // The tag itself is never decoded. A character that it cuts is completed with U+FFFD, which belongs to the reasoning.
        _text.Append(_detokenizer.Flush());
        _text.EndReasoning();
        return false;
    }

    private void Publish(bool isFinal)
    {
        string text = _text.Release(isFinal);
        Handle.Publish(new GenerationPiece(text, _scores.Count == _numScoresPublished ? [] : [.. _scores[_numScoresPublished..]]));
        _numScoresPublished = _scores.Count;
    }

    private void LeaveQueue()
    {
        _leaveQueue?.Invoke();
        _leaveQueue = null;
    }

    private static SeenMedia Seen(ProcessedMedia media, int numRows) => new(
        media.Grid.Width * PatchExtractor.PatchSize,
        media.Grid.Height * PatchExtractor.PatchSize,
        numRows,
        Convert.ToHexStringLower(media.ContentHash.Span),
        media.PairTimesSeconds);
}
