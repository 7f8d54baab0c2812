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
/// never empty, whichever tokens were chosen. Readings are never given up: a mask is found from parts of a state and a step from all of it, so
/// the two would disagree about tokens that only a reading beyond a limit takes. A grammar that goes beyond <see cref="MaxReadings"/> fails
/// the request that meets it.
/// </remarks>
internal sealed partial class ConstraintAutomaton
{
    /// <summary>Most readings followed at once.</summary>
    public const int MaxReadings = 1024;

    /// <summary>Most frames: levels of nesting.</summary>
    public const int MaxFrames = 32;

    // 2 KB of steps each at worst, and for some a mask of 19 KB for the released vocabulary.
    private const int MaxStates = 4096;

    // Readings looked at for one mask: a fraction of a second at worst, hundreds of times what any usual schema takes.
    private const int MaxWork = 2_000_000;

    private readonly Grammar _grammar;
    private readonly TokenTrie _trie;
    private readonly int[] _endTokenIds;
    private readonly ParserStateMemory _memory;
    private readonly HashSet<Configuration> _seen = [];
    private readonly Stack<Configuration> _open = new();
    private readonly List<Configuration> _found = [];
    private readonly ParserState[] _path;
    private int _work;

    /// <summary>Creates one.</summary>
    /// <param name="grammar">What the answer must be.</param>
    /// <param name="trie">The tokens.</param>
    /// <param name="endTokenIds">Tokens that end the turn: allowed where the answer is complete.</param>
    /// <param name="maxStates">Most states to remember; fewer only cost time.</param>
    /// <exception cref="InvalidRequestException">No value within the limits is in the grammar, or it begins in too many ways.</exception>
    public ConstraintAutomaton(Grammar grammar, TokenTrie trie, int[] endTokenIds, int maxStates = MaxStates)
    {
        _grammar = grammar;
        _trie = trie;
        _endTokenIds = endTokenIds;
        _memory = new ParserStateMemory(maxStates);
        _path = new ParserState[trie.MaxDepth + 1];
        if (grammar.Need(grammar.Start) > MaxFrames)
        {
            throw new InvalidRequestException($"a JSON schema must allow a value of at most {MaxFrames} levels that can be written; got one that allows none");
        }

        Start = StateOf(new Configuration(_memory.Bottom, grammar.Start, 0));
    }

    /// <summary>Before the first byte.</summary>
    public ParserState Start { get; }

    /// <summary>States that hold steps or masks, for checks.</summary>
    internal int NumStates => _memory.Count;

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

    private ParserState Step(ParserState state, byte value)
    {
        _memory.Use(state);
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

        // Closing may have let go of everything.
        _memory.Use(state);
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
        return _memory.Remember(new ParserState([.. _found], isComplete));
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
                _open.Push(new Configuration(_memory.Frame(stack, call.Return), call.Rule, 0));
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
        if (_found.Count >= MaxReadings)
        {
            throw TooAmbiguous($"be clear enough to have at most {MaxReadings} readings of a text");
        }

        _found.Add(configuration);
    }

    private void Charge()
    {
        if (++_work > MaxWork)
        {
            throw TooAmbiguous($"be clear enough to follow in {MaxWork} steps a token");
        }
    }

    private InvalidRequestException TooAmbiguous(string rule)
    {
        _open.Clear();
        return new InvalidRequestException($"a JSON schema must {rule}; got more");
    }
}
