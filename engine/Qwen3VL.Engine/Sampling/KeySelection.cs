namespace Qwen3VL.Engine.Sampling;

/// <summary>Selection without a full sort (Hoare, "Algorithm 65: Find"): expected work in proportion to the keys. Pure.</summary>
internal static class KeySelection
{
    // Below this a sort is as quick as another partition.
    private const int SmallEnoughToSort = 32;

    /// <summary>Reorders keys so that the <paramref name="count"/> smallest stand first, in any order.</summary>
    /// <param name="keys">Distinct keys.</param>
    /// <param name="count">1 to the number of keys.</param>
    public static void MoveSmallestFirst(Span<ulong> keys, int count)
    {
        while (keys.Length > SmallEnoughToSort && count < keys.Length)
        {
            int split = Partition(keys);
            if (split > count)
            {
                keys = keys[..split];
            }
            else if (split < count)
            {
                keys = keys[split..];
                count -= split;
            }
            else
            {
                return;
            }
        }

        keys.Sort();
    }

    /// <summary>Puts keys up to a pivot before the others; both parts have at least one. Returns where the second starts.</summary>
    private static int Partition(Span<ulong> keys)
    {
        ulong pivot = MedianOf(keys[0], keys[keys.Length / 2], keys[^1]);
        int low = -1;
        int high = keys.Length;
        while (true)
        {
            do
            {
                low++;
            }
            while (keys[low] < pivot);

            do
            {
                high--;
            }
            while (keys[high] > pivot);

            if (low >= high)
            {
                return high + 1;
            }

            (keys[low], keys[high]) = (keys[high], keys[low]);
        }
    }

    private static ulong MedianOf(ulong a, ulong b, ulong c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
