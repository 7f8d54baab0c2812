namespace Qwen3VL.Engine.Constraints;

/// <summary>How many characters (code points) a string may have.</summary>
/// <param name="Min">Fewest.</param>
/// <param name="Max">Most; <see cref="int.MaxValue"/> has no bound.</param>
internal readonly record struct StringBounds(int Min, int Max)
{
    /// <summary>Any string.</summary>
    public static StringBounds Free { get; } = new(0, int.MaxValue);

    /// <summary>The count behind one more character; without an upper bound nothing above the lower one needs telling apart.</summary>
    public int Next(int count) => Max == int.MaxValue ? Math.Min(count + 1, Min) : count + 1;
}
