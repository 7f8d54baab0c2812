using Qwen3VL.Engine.Sampling;

namespace Qwen3VL.Engine.Constraints;

/// <content>Masks.</content>
internal sealed partial class ConstraintAutomaton
{
    /// <summary>The tokens that may follow; owned by the state, read before the next call.</summary>
    /// <exception cref="InvalidRequestException">The grammar is too ambiguous to follow.</exception>
    public TokenMask MaskOf(ParserState state)
    {
        _memory.Use(state);
        if (state.Mask is { } known)
        {
            return known;
        }

        _work = 0;
        var mask = new TokenMask(_trie.NumTokens);
        var outside = new List<Configuration>();
        foreach (Configuration configuration in state.Configurations)
        {
            if (_grammar.IsInsideString(configuration.State, out StringBounds bounds, out int body))
            {
                AddString(mask, configuration, bounds, body);
            }
            else
            {
                outside.Add(configuration);
            }
        }

        if (outside.Count > 0)
        {
            Walk(mask, _memory.Remember(new ParserState([.. outside], false)), 0, _trie.NumNodes);
        }

        if (state.IsComplete)
        {
            Array.ForEach(_endTokenIds, mask.Add);
        }

        foreach ((int tokenId, int twin) in _trie.Twins)
        {
            if (mask.Contains(tokenId))
            {
                mask.Add(twin);
            }
        }

        if (mask.Count == 0)
        {
            throw new InvalidRequestException("a constrained answer must have a token to go on with; got none in this vocabulary");
        }

        _memory.Keep(state, mask);
        return mask;
    }

    /// <summary>Tokens from inside a string: those that stay, and those that close it and go on.</summary>
    private void AddString(TokenMask mask, Configuration configuration, StringBounds bounds, int body)
    {
        StringTokens tokens = _trie.Strings(body);
        int room = bounds.Max == int.MaxValue ? int.MaxValue : bounds.Max - configuration.Count;
        tokens.AddInside(mask, room);
        ParserState behind = StateOf(new Configuration(configuration.Stack, _grammar.StringEnd, 0));
        foreach ((int node, int characters) in tokens.Exits)
        {
            if (characters > room || configuration.Count + (long)characters < bounds.Min)
            {
                continue;
            }

            if (_trie.TokenId(node) >= 0)
            {
                mask.Add(_trie.TokenId(node));
            }

            _path[_trie.Depth(node)] = behind;
            WalkBelow(mask, node + 1, _trie.End(node));
        }
    }

    private void Walk(TokenMask mask, ParserState state, int first, int end)
    {
        _path[0] = state;
        WalkBelow(mask, first, end);
    }

    /// <summary>Adds the tokens of nodes whose parents' states stand in the path.</summary>
    private void WalkBelow(TokenMask mask, int first, int end)
    {
        for (int node = first; node < end;)
        {
            int depth = _trie.Depth(node);
            ParserState next = Step(_path[depth - 1], _trie.Label(node));
            if (next.IsDead)
            {
                node = _trie.End(node);
                continue;
            }

            _path[depth] = next;
            if (_trie.TokenId(node) >= 0)
            {
                mask.Add(_trie.TokenId(node));
            }

            node++;
        }
    }
}
