using Qwen3VL.Engine.Sampling;

namespace Qwen3VL.Engine.Constraints;

/// <summary>
/// What an automaton remembers: states by their readings, frames, and which states hold steps and masks. Bounded: when it is full it lets go
/// of everything and starts anew. States that requests stand in stay valid then, but hold nothing until they are used again, so nothing that
/// is let go can be reached through them. Engine thread only.
/// </summary>
/// <param name="maxStates">Most states that may hold steps or masks at once.</param>
internal sealed class ParserStateMemory(int maxStates)
{
    // 16 bytes each.
    private const int MaxReadings = 1_000_000;
    private const int MaxMasks = 256;

    private readonly HashSet<ParserState> _states = new(new ParserStateComparer());

    // States of earlier generations that are in use again.
    private readonly List<ParserState> _returned = [];
    private readonly Dictionary<(int Parent, int Return), StackFrame> _frames = [];
    private int _generation;
    private int _nextFrameId = 1;
    private int _numReadings;
    private int _numMasks;

    /// <summary>The frame below all others.</summary>
    public StackFrame Bottom { get; } = new(0, null, -1, 0);

    /// <summary>States that may hold steps or masks.</summary>
    public int Count => _states.Count + _returned.Count;

    /// <summary>The frame of a return state on top of another.</summary>
    public StackFrame Frame(StackFrame parent, int returnState)
    {
        if (!_frames.TryGetValue((parent.Id, returnState), out StackFrame? frame))
        {
            frame = new StackFrame(_nextFrameId++, parent, returnState, parent.Depth + 1);
            _frames.Add((parent.Id, returnState), frame);
        }

        return frame;
    }

    /// <summary>The known state of these readings, or this one.</summary>
    public ParserState Remember(ParserState state)
    {
        if (_states.TryGetValue(state, out ParserState? known))
        {
            return known;
        }

        if (Count >= maxStates || _numReadings + state.Configurations.Length > MaxReadings)
        {
            ForgetAll();
        }

        state.Generation = _generation;
        _states.Add(state);
        _numReadings += state.Configurations.Length;
        return state;
    }

    /// <summary>Makes a state one of this generation; to be called before its steps or its mask are read or set.</summary>
    public void Use(ParserState state)
    {
        if (state.Generation != _generation)
        {
            state.Forget();
            state.Generation = _generation;
            _returned.Add(state);
            _numReadings += state.Configurations.Length;
        }
    }

    /// <summary>Keeps the mask of a state.</summary>
    public void Keep(ParserState state, TokenMask mask)
    {
        if (_numMasks >= MaxMasks)
        {
            foreach (ParserState other in _states.Concat(_returned))
            {
                other.Mask = null;
            }

            _numMasks = 0;
        }

        Use(state);
        state.Mask = mask;
        _numMasks++;
    }

    private void ForgetAll()
    {
        foreach (ParserState state in _states.Concat(_returned))
        {
            state.Forget();
        }

        _states.Clear();
        _returned.Clear();
        _frames.Clear();
        _numReadings = 0;
        _numMasks = 0;
        _generation++;
    }
}
