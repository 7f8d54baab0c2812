using Qwen3VL.Engine.Sampling;
using Qwen3VL.Engine.Tokenization;

namespace Qwen3VL.Engine.Constraints;

/// <summary>
/// Where the answer of one request stands in its constraint. Follows accepted tokens only, so recomputing after a preemption does not touch it.
/// Owned by its generation, engine thread only.
/// </summary>
internal sealed class AnswerConstraint
{
    private readonly ConstraintAutomaton _automaton;
    private readonly ITokenizer _tokenizer;
    private readonly int[] _endTokenIds;
    private ParserState _state;
    private TokenMask? _reasoning;

    /// <summary>Starts before the first byte of the answer.</summary>
    /// <param name="automaton">The constraint; shared with other requests.</param>
    /// <param name="tokenizer">Gives the bytes of tokens.</param>
    /// <param name="endTokenIds">Ids that end a turn.</param>
    public AnswerConstraint(ConstraintAutomaton automaton, ITokenizer tokenizer, int[] endTokenIds)
    {
        _automaton = automaton;
        _tokenizer = tokenizer;
        _endTokenIds = endTokenIds;
        _state = automaton.Start;
    }

    /// <summary>The tokens with which the answer can go on; valid until the next call.</summary>
    /// <param name="isInReasoning">Whether the answer has not begun: then everything is allowed but the end of the turn.</param>
    /// <exception cref="InvalidRequestException">The constraint is too ambiguous to follow.</exception>
    public TokenMask Mask(bool isInReasoning) => isInReasoning ? _reasoning ??= AllButEnds() : _automaton.MaskOf(_state);

    /// <summary>Follows a token of the answer; ends of the turn are not part of it.</summary>
    /// <exception cref="InvalidRequestException">
    /// The constraint is too ambiguous to follow, or the token was not in the mask: only this answer is lost then, not the engine.
    /// </exception>
    public void Accept(int tokenId)
    {
        _state = _automaton.Next(_state, _tokenizer.TokenBytes(tokenId, skipSpecial: true));
        if (_state.IsDead)
        {
            throw new InvalidRequestException($"a token of a constrained answer must be one of its mask; got token {tokenId}");
        }
    }

    private TokenMask AllButEnds()
    {
        var mask = new TokenMask(_tokenizer.VocabularySize, containsAll: true);
        foreach (int tokenId in _endTokenIds)
        {
            mask.Remove(tokenId);
        }

        return mask;
    }
}
