namespace Qwen3VL.Engine.Constraints;

/// <summary>
/// The rule of strings that match a pattern and have so many characters: the pattern's states times the count, over the bytes that JSON writes
/// for its characters. Control characters without a short escape are not written. Used once.
/// </summary>
/// <param name="grammar">Where the rule goes.</param>
/// <param name="pattern">The pattern.</param>
/// <param name="bounds">Characters.</param>
internal sealed class PatternRule(GrammarBuilder grammar, PatternAutomaton pattern, StringBounds bounds)
{
    // The control characters with an escape of one letter, and that letter.
    private static readonly (int Value, char Letter)[] ShortEscapes =
        [('\b', 'b'), ('\t', 't'), ('\n', 'n'), ('\f', 'f'), ('\r', 'r'), ('"', '"'), ('\\', '\\')];

    private readonly Dictionary<(int State, int Count), int> _states = [];
    private readonly Queue<(int State, int Count)> _open = new();
    private readonly Dictionary<(int Target, ulong Tail), int> _tails = [];

    /// <summary>Adds the rule behind a state.</summary>
    public void Add(int rule)
    {
        grammar.Step(rule, '"', StateOf(pattern.Start, 0));
        while (_open.TryDequeue(out (int State, int Count) place))
        {
            Lay(place.State, place.Count, _states[place]);
        }
    }

    private int StateOf(int state, int count)
    {
        if (!_states.TryGetValue((state, count), out int known))
        {
            known = grammar.NewState();
            _states.Add((state, count), known);
            _open.Enqueue((state, count));
        }

        return known;
    }

    private void Lay(int state, int count, int from)
    {
        if (state == pattern.End && count >= bounds.Min)
        {
            grammar.Step(from, '"', grammar.StringEnd);
        }

        foreach (int target in pattern.Epsilons(state))
        {
            grammar.Free(from, StateOf(target, count));
        }

        if (count >= bounds.Max)
        {
            return;
        }

        foreach ((CodePointSet characters, int target) in pattern.Steps(state))
        {
            Characters(from, characters, StateOf(target, bounds.Next(count)));
        }
    }

    private void Characters(int from, CodePointSet characters, int to)
    {
        int escape = -1;
        foreach ((int value, char letter) in ShortEscapes)
        {
            if (characters.Ranges.Any(range => range.Low <= value && value <= range.High))
            {
                escape = escape < 0 ? grammar.Chain(from, "\\"u8) : escape;
                grammar.Step(escape, letter, to);
            }
        }

        foreach ((int low, int high) in characters.Ranges)
        {
            Plain(from, Math.Max(low, 0x20), Math.Min(high, '"' - 1), to);
            Plain(from, Math.Max(low, '"' + 1), Math.Min(high, '\\' - 1), to);
            Plain(from, Math.Max(low, '\\' + 1), high, to);
        }
    }

    /// <summary>Characters that stand as they are.</summary>
    private void Plain(int from, int low, int high, int to)
    {
        if (low > high)
        {
            return;
        }

        foreach ((byte Low, byte High)[] sequence in Utf8Ranges.Split(low, high))
        {
            grammar.Step(from, sequence[0].Low, sequence[0].High, Tail(sequence, 1, to));
        }
    }

    /// <summary>The state from which the rest of a sequence leads to a state; shared by all sequences with that rest.</summary>
    private int Tail((byte Low, byte High)[] sequence, int done, int to)
    {
        if (done == sequence.Length)
        {
            return to;
        }

        ulong rest = 0;
        for (int i = done; i < sequence.Length; i++)
        {
            rest = (rest << 16) | ((ulong)sequence[i].Low << 8) | sequence[i].High;
        }

        if (!_tails.TryGetValue((to, rest), out int state))
        {
            state = grammar.NewState();
            _tails.Add((to, rest), state);
            grammar.Step(state, sequence[done].Low, sequence[done].High, Tail(sequence, done + 1, to));
        }

        return state;
    }
}
