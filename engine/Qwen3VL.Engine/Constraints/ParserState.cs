using Qwen3VL.Engine.Sampling;

namespace Qwen3VL.Engine.Constraints;

/// <summary>
/// All readings of a text so far, and what the automaton remembers of it: where bytes lead and which tokens may follow. Changed by its
/// automaton only.
/// </summary>
/// <param name="configurations">The readings, in order.</param>
/// <param name="isComplete">Whether the text is a whole value.</param>
internal sealed class ParserState(Configuration[] configurations, bool isComplete)
{
    private ParserState?[]? _next;

    /// <summary>The readings.</summary>
    public Configuration[] Configurations => configurations;

    /// <summary>Whether the text is a whole value.</summary>
    public bool IsComplete => isComplete;

    /// <summary>Whether no text can follow and none is whole.</summary>
    public bool IsDead => configurations.Length == 0 && !isComplete;

    /// <summary>Since when its steps and its mask hold, see <see cref="ParserStateMemory"/>.</summary>
    public int Generation { get; set; }

    /// <summary>The tokens that may follow; null until asked for.</summary>
    public TokenMask? Mask { get; set; }

    /// <summary>The state behind a byte; null until asked for.</summary>
    public ParserState? this[byte label]
    {
        get => _next?[label];
        set => (_next ??= new ParserState?[256])[label] = value;
    }

    /// <summary>Drops what can be found again.</summary>
    public void Forget()
    {
        _next = null;
        Mask = null;
    }
}
