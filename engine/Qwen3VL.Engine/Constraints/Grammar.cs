namespace Qwen3VL.Engine.Constraints;

/// <summary>
/// A grammar over bytes as states with byte, free and call edges: a nondeterministic pushdown automaton. The bodies of JSON strings are not
/// laid out as states: <see cref="StringBody"/> knows them, and a state number says in which of its states one is. Immutable.
/// </summary>
internal sealed class Grammar
{
    /// <summary>The need of a state from which its rule cannot end.</summary>
    public const int Never = 1 << 20;

    // Numbers from here on stand for states inside a string body: bounds * 32 + state of the body.
    private const int FirstInsideString = 1 << 24;
    private const int StringStates = 32;

    private readonly List<GrammarState> _states;
    private readonly List<StringBounds> _strings;
    private readonly int[] _needs;
    private readonly int[] _needsOverBytes;

    /// <summary>Finishes a grammar.</summary>
    /// <param name="states">Its states; owned from here.</param>
    /// <param name="strings">Bounds of its strings; owned from here.</param>
    /// <param name="start">Start state of the whole.</param>
    /// <param name="stringEnd">The accepting state behind a closing quotation mark.</param>
    public Grammar(List<GrammarState> states, List<StringBounds> strings, int start, int stringEnd)
    {
        _states = states;
        _strings = strings;
        Start = start;
        StringEnd = stringEnd;
        _needs = new int[states.Count];
        _needsOverBytes = new int[states.Count];
        FindNeeds();
    }

    /// <summary>Start state of the whole.</summary>
    public int Start { get; }

    /// <summary>The accepting state behind a closing quotation mark.</summary>
    public int StringEnd { get; }

    /// <summary>States.</summary>
    public int NumStates => _states.Count;

    /// <summary>Steps over bytes, for checks.</summary>
    internal int NumSteps => _states.Sum(state => state.Bytes.Count);

    /// <summary>A state outside strings.</summary>
    public GrammarState this[int state] => _states[state];

    /// <summary>The number of a state inside a string body.</summary>
    /// <param name="bounds">Index of the string's bounds.</param>
    /// <param name="body">State of the body.</param>
    public static int InsideString(int bounds, int body) => FirstInsideString + (bounds * StringStates) + body;

    /// <summary>Whether a number stands for a state inside a string body, and for which.</summary>
    public bool IsInsideString(int state, out StringBounds bounds, out int body)
    {
        bounds = default;
        body = 0;
        if (state < FirstInsideString)
        {
            return false;
        }

        bounds = _strings[(state - FirstInsideString) / StringStates];
        body = (state - FirstInsideString) % StringStates;
        return true;
    }

    /// <summary>Frames on top of its own that a rule needs at least to end from a state; <see cref="Never"/> when it cannot.</summary>
    public int Need(int state) => state >= FirstInsideString ? 0 : _needs[state];

    /// <summary>The same when the next step is a byte of this state.</summary>
    public int NeedOverBytes(int state) => _needsOverBytes[state];

    /// <summary>
    /// The smallest solution of: an end needs nothing, an edge what its target needs, a call one frame more than its rule. No edge needs less
    /// than what it leads to, so needs are final in the order of their size (Knuth, "A Generalization of Dijkstra's Algorithm").
    /// </summary>
    private void FindNeeds()
    {
        Array.Fill(_needs, Never);
        var open = new PriorityQueue<int, int>();
        List<(int From, CallEdge? Call)>?[] users = FindUsers();
        for (int state = 0; state < _states.Count; state++)
        {
            if (_states[state].Accepts || _states[state].Bytes.Exists(edge => edge.Target >= FirstInsideString))
            {
                Lower(state, 0, open);
            }
        }

        while (open.TryDequeue(out int state, out int need))
        {
            if (need > _needs[state])
            {
                continue;
            }

            foreach ((int from, CallEdge? call) in users[state] ?? [])
            {
                Lower(from, call is { } edge ? NeedOf(edge) : need, open);
            }
        }

        for (int state = 0; state < _states.Count; state++)
        {
            _needsOverBytes[state] = OverBytes(_states[state]);
        }
    }

    private void Lower(int state, int need, PriorityQueue<int, int> open)
    {
        if (need < _needs[state])
        {
            _needs[state] = need;
            open.Enqueue(state, need);
        }
    }

    /// <summary>By state, the edges whose need depends on it.</summary>
    private List<(int From, CallEdge? Call)>?[] FindUsers()
    {
        var users = new List<(int From, CallEdge? Call)>?[_states.Count];
        for (int from = 0; from < _states.Count; from++)
        {
            foreach (ByteEdge edge in _states[from].Bytes)
            {
                Add(edge.Target, from, null);
            }

            foreach (int target in _states[from].Epsilons)
            {
                Add(target, from, null);
            }

            foreach (CallEdge call in _states[from].Calls)
            {
                Add(call.Rule, from, call);
                Add(call.Return, from, call);
            }
        }

        return users;

        void Add(int target, int from, CallEdge? call)
        {
            if (target < FirstInsideString)
            {
                (users[target] ??= []).Add((from, call));
            }
        }
    }

    private int NeedOf(CallEdge call) => _states[call.Return].OnlyAccepts ? _needs[call.Rule] : Math.Max(1 + _needs[call.Rule], _needs[call.Return]);

    private int OverBytes(GrammarState state)
    {
        int need = Never;
        foreach (ByteEdge edge in state.Bytes)
        {
            need = Math.Min(need, Need(edge.Target));
        }

        return need;
    }
}
