namespace Qwen3VL.Samples.Score;

/// <summary>Distance of texts by Levenshtein: fewest insertions, deletions and replacements of characters.</summary>
internal static class EditDistance
{
    /// <summary>The distance.</summary>
    public static int Between(string a, string b)
    {
        int[] above = [.. Enumerable.Range(0, b.Length + 1)];
        var row = new int[b.Length + 1];
        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                row[j] = Math.Min(replaced, Math.Min(above[j], row[j - 1]) + 1);
            }

            (above, row) = (row, above);
        }

        return above[b.Length];
    }

    /// <summary>Character error rate: distance over the length of what was drawn; 1 at most where nothing was drawn but something was read.</summary>
    public static double CharacterErrorRate(string drawn, string read) =>
        drawn.Length == 0 ? Math.Min(1, read.Length) : (double)Between(drawn, read) / drawn.Length;
}
