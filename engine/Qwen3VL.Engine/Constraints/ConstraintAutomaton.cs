using Qwen3VL.Engine.Sampling;

namespace Qwen3VL.Engine.Constraints;

/// <summary>
/// Runs a grammar over bytes and tokens: follows all readings at once, and remembers sets of readings as states, their steps and their
/// masks. What it remembers is bounded and can be found again. Shared by the requests of one grammar; engine thread only.
/// </summary>
/// <remarks>
/// The idea of stacks shared as a tree and of masks kept by state is that of mlc-ai/xgrammar (Dong et al., "XGrammar: Flexible and Efficient
/// Structured Generation Engine for Large Language Models"); the split of masks inside strings, one comparison for the tokens that stay inside
/// and a walk for the few that close it, is close to its context-independent tokens and to the slices of guidance-ai/llguidance.
/// Every reading that is kept can be completed: a step is taken only to states from which their rules end within the frames left. So a mask is
/// never empty, whichever tokens were chosen, and giving up readings beyond <see cref="MaxReadings"/> loses answers but never makes a wrong one.
/// </remarks>
internal sealed class ConstraintAutomaton
{
    /// <summary>Most readings followed at once.</summary>
    public const int MaxReadings = 256;

    /// <summary>Most frames: levels of nesting.</summary>
    public const int MaxFrames = 32;

    // 2 KB of steps each at worst, and a mask of 19 KB for the released vocabulary.
    private const int MaxStates = 4096;
    private const int MaxMasks = 256;

    // Readings looked at for one mask: a fraction of a second at worst, hundreds of times what any usual schema takes.
    private const int MaxWork = 2_000_000;

    private readonly Grammar _grammar;
    private readonly TokenTrie _trie;
    private readonly int[] _endTokenIds;
    private readonly HashSet<ParserState> _states = new(new ParserStateComparer());
    private readonly Dictionary<(int Parent, int Return), StackFrame> _frames = [];
    private readonly HashSet<Configuration> _seen = [];
    private readonly Stack<Configuration> _open = new();
    private readonly List<Configuration> _found = [];
    private readonly ParserState[] _path;
    private readonly StackFrame _bottom = new(0, null, -1, 0);
    private int _nextFrameId = 1;
    private int _numMasks;
    private int _work;

    /// <summary>Creates one.</summary>
    /// <param name="grammar">What the answer must be.</param>
    /// <param name="trie">The tokens.</param>
    /// <param name="endTokenIds">Tokens that end the turn: allowed where the answer is complete.</param>
    /// <exception cref="InvalidRequestException">No value within the limits is in the grammar.</exception>
    public ConstraintAutomaton(Grammar grammar, TokenTrie trie, int[] endTokenIds)
    {
        _grammar = grammar;
        _trie = trie;
        _endTokenIds = endTokenIds;
        _path = new ParserState[trie.MaxDepth + 1];
        if (grammar.Need(grammar.Start) > MaxFrames)
        {
            throw new InvalidRequestException($"a JSON schema must allow a value of at most {MaxFrames} levels that can be written; got one that allows none");
        }

        Start = StateOf(new Configuration(_bottom, grammar.Start, 0));
    }

    /// <summary>Before the first byte.</summary>
    public ParserState Start { get; }

    /// <summary>The state behind a token; dead when the token cannot stand there.</summary>
    /// <exception cref="InvalidRequestException">The grammar is too ambiguous to follow.</exception>
    public ParserState Next(ParserState state, ReadOnlySpan<byte> bytes)
    {
        _work = 0;
        foreach (byte value in bytes)
        {
            state = Step(state, value);
        }

        return state;
    }

    /// <summary>The tokens that may follow; owned by the state, read before the next call.</summary>
    /// <exception cref="InvalidRequestException">The grammar is too ambiguous to follow.</exception>
    public TokenMask MaskOf(ParserState state)
    {
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
            Walk(mask, Remember(new ParserState([.. outside], false)), 0, _trie.NumNodes);
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

        Keep(state, mask);
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

    private ParserState Step(ParserState state, byte value)
    {
        if (state[value] is { } known)
        {
            return known;
        }

        foreach (Configuration configuration in state.Configurations)
        {
            if (_grammar.IsInsideString(configuration.State, out StringBounds bounds, out int body))
            {
                StepInside(configuration, bounds, body, value);
                continue;
            }

            foreach (ByteEdge edge in _grammar[configuration.State].Bytes)
            {
                if (edge.Low <= value && value <= edge.High)
                {
                    _open.Push(configuration with { State = edge.Target });
                }
            }
        }

        ParserState next = Close();
        state[value] = next;
        return next;
    }

    private void StepInside(Configuration configuration, StringBounds bounds, int body, byte value)
    {
        if (body == StringBody.Start && value == '"')
        {
            if (configuration.Count >= bounds.Min)
            {
                _open.Push(new Configuration(configuration.Stack, _grammar.StringEnd, 0));
            }

            return;
        }

        // A character that begins must find its room.
        int next = StringBody.Next(body, value);
        if (next >= 0 && configuration.Count < bounds.Max)
        {
            _open.Push(new Configuration(
                configuration.Stack, configuration.State - body + next, next == StringBody.Start ? bounds.Next(configuration.Count) : configuration.Count));
        }
    }

    private ParserState StateOf(Configuration configuration)
    {
        _open.Push(configuration);
        return Close();
    }

    /// <summary>Follows free steps, calls and returns from all open readings; what waits for a byte is the state.</summary>
    private ParserState Close()
    {
        bool isComplete = false;
        _seen.Clear();
        _found.Clear();
        while (_open.TryPop(out Configuration configuration))
        {
            Charge();
            if (!_seen.Add(configuration))
            {
                continue;
            }

            if (_grammar.IsInsideString(configuration.State, out _, out _))
            {
                Find(configuration);
            }
            else if (_grammar.Need(configuration.State) + configuration.Stack.Depth <= MaxFrames)
            {
                isComplete |= Expand(configuration);
            }
        }

        _found.Sort();
        return Remember(new ParserState([.. _found], isComplete));
    }

    /// <summary>Opens what a reading leads to without a byte; true when it ends the whole.</summary>
    private bool Expand(Configuration configuration)
    {
        GrammarState state = _grammar[configuration.State];
        StackFrame stack = configuration.Stack;
        if (state.Bytes.Count > 0 && _grammar.NeedOverBytes(configuration.State) + stack.Depth <= MaxFrames)
        {
            Find(configuration);
        }

        foreach (int target in state.Epsilons)
        {
            _open.Push(configuration with { State = target });
        }

        foreach (CallEdge call in state.Calls)
        {
            if (_grammar[call.Return].OnlyAccepts)
            {
                _open.Push(configuration with { State = call.Rule });
            }
            else if (stack.Depth < MaxFrames && _grammar.Need(call.Return) + stack.Depth <= MaxFrames && _grammar.Need(call.Rule) + stack.Depth + 1 <= MaxFrames)
            {
                _open.Push(new Configuration(Frame(stack, call.Return), call.Rule, 0));
            }
        }

        if (!state.Accepts || stack.Parent is null)
        {
            return state.Accepts;
        }

        _open.Push(new Configuration(stack.Parent, stack.Return, 0));
        return false;
    }

    private void Find(Configuration configuration)
    {
        if (_found.Count < MaxReadings)
        {
            _found.Add(configuration);
        }
    }

    private void Charge()
    {
        if (++_work > MaxWork)
        {
            _open.Clear();
            throw new InvalidRequestException($"a JSON schema must be clear enough to follow in {MaxWork} steps a token; got more");
        }
    }

    private StackFrame Frame(StackFrame parent, int returnState)
    {
        if (!_frames.TryGetValue((parent.Id, returnState), out StackFrame? frame))
        {
            frame = new StackFrame(_nextFrameId++, parent, returnState, parent.Depth + 1);
            _frames.Add((parent.Id, returnState), frame);
        }

        return frame;
    }

    private ParserState Remember(ParserState state)
    {
        if (_states.TryGetValue(state, out ParserState? known))
        {
            return known;
        }

        if (_states.Count >= MaxStates)
        {
            ForgetAll();
        }

        _states.Add(state);
        return state;
    }

    private void Keep(ParserState state, TokenMask mask)
    {
        if (_numMasks >= MaxMasks)
        {
            foreach (ParserState other in _states)
            {
                other.Mask = null;
            }

            _numMasks = 0;
        }

        state.Mask = mask;
        _numMasks++;
    }

    /// <summary>Starts anew; states that are in use stay valid, only less is shared with them.</summary>
    private void ForgetAll()
    {
        foreach (ParserState state in _states)
        {
            state.Forget();
        }

        _states.Clear();
        _frames.Clear();
        _numMasks = 0;
    }
}
