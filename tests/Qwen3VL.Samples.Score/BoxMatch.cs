namespace Qwen3VL.Samples.Score;

/// <summary>A drawn box and the found box that stands for it.</summary>
/// <param name="Drawn">What was drawn.</param>
/// <param name="Found">What was found; null when nothing was.</param>
internal sealed record BoxMatch(Box Drawn, Box? Found)
{
    /// <summary>0 when nothing was found.</summary>
    public double IntersectionOverUnion => Found is null ? 0 : Drawn.IntersectionOverUnion(Found);

    /// <summary>
    /// Pairs every drawn box with at most one found box and back: first those of equal labels, then by overlap, best first. A pair needs one of
    /// the two.
    /// </summary>
    public static IReadOnlyList<BoxMatch> Pair(IReadOnlyList<Box> drawn, IReadOnlyList<Box> found)
    {
        var foundOf = new Box?[drawn.Count];
        var taken = new HashSet<int>();
        var candidates =
            from d in Enumerable.Range(0, drawn.Count)
            from f in Enumerable.Range(0, found.Count)
            let sameLabel = drawn[d].Label == found[f].Label
            let overlap = drawn[d].IntersectionOverUnion(found[f])
            where sameLabel || overlap > 0
            orderby sameLabel descending, overlap descending, d, f
            select (d, f);
        foreach ((int d, int f) in candidates)
        {
            if (foundOf[d] is null && taken.Add(f))
            {
                foundOf[d] = found[f];
            }
        }

        return [.. drawn.Select((box, i) => new BoxMatch(box, foundOf[i]))];
    }
}
