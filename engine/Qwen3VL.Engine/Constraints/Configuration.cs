namespace Qwen3VL.Engine.Constraints;

/// <summary>One reading of the text so far.</summary>
/// <param name="Stack">Where to return to.</param>
/// <param name="State">Grammar state, see <see cref="Grammar.InsideString"/>.</param>
/// <param name="Count">Characters of the string it is in; 0 outside.</param>
internal readonly record struct Configuration(StackFrame Stack, int State, int Count) : IComparable<Configuration>
{
    /// <summary>Any fixed order, so that equal sets are equal lists.</summary>
    public int CompareTo(Configuration other)
    {
        int byStack = Stack.Id.CompareTo(other.Stack.Id);
        int byState = byStack != 0 ? byStack : State.CompareTo(other.State);
        return byState != 0 ? byState : Count.CompareTo(other.Count);
    }

    /// <inheritdoc/>
    public bool Equals(Configuration other) => Stack.Id == other.Stack.Id && State == other.State && Count == other.Count;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Stack.Id, State, Count);
}
