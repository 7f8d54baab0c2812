namespace Qwen3VL.Batch.Planning;

/// <summary>
/// Cuts n level-0 parts into levels of reductions, each reading at most fan-in parts of the level below, until one part is left.
/// <code>
/// level 0   0 1 2 3 4 5 6 7 8 9      pages or windows
/// level 1   [0..3] [4..6] [7..9]     fan-in 4: three reductions, even sizes
/// level 2   [0..9]                   the whole
/// </code>
/// Sizes on a level differ by one at most, so no reduction is left with a single part beside full ones. One part alone still gets its level 1:
/// the last reduction of a job is always the one that writes the job's summary (a single input is passed on as it is, without the model).
/// </summary>
internal static class SummaryLevels
{
    /// <summary>Ranges of level-0 parts, inclusive, per level from level 1.</summary>
    public static IReadOnlyList<IReadOnlyList<(int First, int Last)>> Build(int parts, int fanIn)
    {
        var levels = new List<IReadOnlyList<(int First, int Last)>>();
        List<(int First, int Last)> below = [.. Enumerable.Range(0, parts).Select(part => (part, part))];
        do
        {
            below = Reduce(below, fanIn);
            levels.Add(below);
        }
        while (below.Count > 1);

        return levels;
    }

    private static List<(int First, int Last)> Reduce(List<(int First, int Last)> below, int fanIn)
    {
        int count = (below.Count + fanIn - 1) / fanIn;
        var level = new List<(int First, int Last)>(count);
        for (int i = 0; i < count; i++)
        {
            int first = (int)((long)below.Count * i / count);
            int end = (int)((long)below.Count * (i + 1) / count);
            level.Add((below[first].First, below[end - 1].Last));
        }

        return level;
    }
}
