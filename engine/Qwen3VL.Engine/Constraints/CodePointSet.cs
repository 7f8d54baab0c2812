namespace Qwen3VL.Engine.Constraints;

/// <summary>A set of code points as ranges in order that do not touch; surrogates are never in it. Immutable.</summary>
internal sealed class CodePointSet
{
    private const int MaxCodePoint = 0x10FFFF;
    private const int FirstSurrogate = 0xD800;
    private const int LastSurrogate = 0xDFFF;

    /// <summary>Creates a set of ranges in any order.</summary>
    public CodePointSet(params IEnumerable<(int Low, int High)> ranges)
    {
        var merged = new List<(int Low, int High)>();
        foreach ((int low, int high) in ranges.OrderBy(range => range.Low))
        {
            if (merged.Count > 0 && low <= merged[^1].High + 1)
            {
                merged[^1] = (merged[^1].Low, Math.Max(merged[^1].High, high));
            }
            else
            {
                merged.Add((low, high));
            }
        }

        Ranges = merged;
    }

    /// <summary>Every character.</summary>
    public static CodePointSet All { get; } = new((0, FirstSurrogate - 1), (LastSurrogate + 1, MaxCodePoint));

    /// <summary>The ranges.</summary>
    public IReadOnlyList<(int Low, int High)> Ranges { get; }

    /// <summary>Every character that is not in it.</summary>
    public CodePointSet Complement()
    {
        var gaps = new List<(int Low, int High)>();
        int next = 0;
        foreach ((int low, int high) in Ranges.Append((MaxCodePoint + 1, MaxCodePoint + 1)))
        {
            AddWithoutSurrogates(gaps, next, low - 1);
            next = high + 1;
        }

        return new CodePointSet(gaps);
    }

    private static void AddWithoutSurrogates(List<(int Low, int High)> ranges, int low, int high)
    {
        if (low <= Math.Min(high, FirstSurrogate - 1))
        {
            ranges.Add((low, Math.Min(high, FirstSurrogate - 1)));
        }

        if (Math.Max(low, LastSurrogate + 1) <= high)
        {
            ranges.Add((Math.Max(low, LastSurrogate + 1), high));
        }
    }
}
