namespace Qwen3VL.Engine.Constraints;

/// <summary>Lays out a grammar: states, edges between them, and the small forms that everything is made of. Not thread-safe.</summary>
internal sealed class GrammarBuilder
{
    // A few megabytes; schemas of real use take a few hundred to a few thousand.
    private const int MaxStates = 60_000;

    // 12 bytes each, for as long as the grammar is cached.
    private const int MaxSteps = 1_000_000;

    private readonly List<GrammarState> _states = [];
    private readonly List<StringBounds> _strings = [];
    private readonly Dictionary<StringBounds, int> _stringRules = [];
    private int _numSteps;

    /// <summary>Creates an empty one.</summary>
    public GrammarBuilder()
    {
        StringEnd = NewState();
        Accept(StringEnd);
    }

    /// <summary>The accepting state behind a closing quotation mark.</summary>
    public int StringEnd { get; }

    /// <summary>Adds a state.</summary>
    /// <exception cref="InvalidRequestException">There are too many.</exception>
    public int NewState()
    {
        if (_states.Count >= MaxStates)
        {
            throw new InvalidRequestException($"a JSON schema must compile to at most {MaxStates} states; got more");
        }

        _states.Add(new GrammarState());
        return _states.Count - 1;
    }

    /// <summary>Lets a rule end in a state.</summary>
    public void Accept(int state) => _states[state].Accepts = true;

    /// <summary>Adds a step over one byte.</summary>
    /// <exception cref="InvalidRequestException">There are too many.</exception>
    public void Step(int from, byte low, byte high, int to)
    {
        if (++_numSteps > MaxSteps)
        {
            throw new InvalidRequestException($"a JSON schema must compile to at most {MaxSteps} steps; got more");
        }

        _states[from].Bytes.Add(new ByteEdge(low, high, to));
    }

    /// <summary>Adds a step over one byte.</summary>
    public void Step(int from, char value, int to) => Step(from, (byte)value, (byte)value, to);

    /// <summary>Adds a free step.</summary>
    public void Free(int from, int to) => _states[from].Epsilons.Add(to);

    /// <summary>Adds a step over a rule.</summary>
    public void Call(int from, int rule, int to) => _states[from].Calls.Add(new CallEdge(rule, to));

    /// <summary>Adds a chain of bytes; returns the state behind it.</summary>
    public int Chain(int from, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            int next = NewState();
            Step(from, value, value, next);
            from = next;
        }

        return from;
    }

    /// <summary>Adds bytes to a tree of literals, sharing the steps that are there; returns the state behind them.</summary>
    public int Branch(int from, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            int next = _states[from].Bytes.Find(edge => edge.Low == value && edge.High == value) is { Target: > 0 } known ? known.Target : -1;
            if (next < 0)
            {
                next = NewState();
                Step(from, value, value, next);
            }

            from = next;
        }

        return from;
    }

    /// <summary>Number of a set of bounds.</summary>
    public int Bounds(StringBounds bounds)
    {
        int index = _strings.IndexOf(bounds);
        if (index < 0)
        {
            index = _strings.Count;
            _strings.Add(bounds);
        }

        return index;
    }

    /// <summary>The rule of a JSON string of any characters.</summary>
    public int StringRule(StringBounds bounds)
    {
        if (!_stringRules.TryGetValue(bounds, out int rule))
        {
            rule = NewState();
            Step(rule, '"', Grammar.InsideString(Bounds(bounds), StringBody.Start));
            _stringRules.Add(bounds, rule);
        }

        return rule;
    }

    /// <summary>Finishes the grammar.</summary>
    public Grammar Build(int start) => new(_states, _strings, start, StringEnd);
}
