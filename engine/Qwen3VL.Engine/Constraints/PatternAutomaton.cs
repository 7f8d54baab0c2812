namespace Qwen3VL.Engine.Constraints;

/// <summary>A pattern as a nondeterministic automaton over characters, after Thompson. Filled by its parser, then read.</summary>
internal sealed class PatternAutomaton
{
    // Times the states of a character's bytes it stays below what a grammar may have.
    private const int MaxStates = 10_000;

    private readonly List<List<int>> _epsilons = [];
    private readonly List<List<(CodePointSet Characters, int Target)>> _steps = [];

    /// <summary>Creates one with its start.</summary>
    public PatternAutomaton() => Start = NewState("#");

    /// <summary>The start.</summary>
    public int Start { get; }

    /// <summary>The one state in which a text matches.</summary>
    public int End { get; set; }

    /// <summary>Adds a state.</summary>
    /// <exception cref="InvalidRequestException">There are too many.</exception>
    public int NewState(string path)
    {
        if (_epsilons.Count >= MaxStates)
        {
            throw SchemaReader.Refuse(path, $"be a pattern of at most {MaxStates} states", "more");
        }

        _epsilons.Add([]);
        _steps.Add([]);
        return _epsilons.Count - 1;
    }

    /// <summary>Adds a free step.</summary>
    public void Free(int from, int to) => _epsilons[from].Add(to);

    /// <summary>Adds a step over one character.</summary>
    public void Step(int from, CodePointSet characters, int to) => _steps[from].Add((characters, to));

    /// <summary>Free steps of a state.</summary>
    public IReadOnlyList<int> Epsilons(int state) => _epsilons[state];

    /// <summary>Steps of a state.</summary>
    public IReadOnlyList<(CodePointSet Characters, int Target)> Steps(int state) => _steps[state];
}
