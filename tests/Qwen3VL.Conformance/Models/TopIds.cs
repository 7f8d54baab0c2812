using Qwen3VL.Conformance.Checks;

namespace Qwen3VL.Conformance.Models;

/// <summary>
/// The most probable ids of one position must be the reference's, in its order. Where two of its values tie within the tolerance their order
/// is not defined, and their ids may be exchanged; what follows its last value is not known, so the last id may be any whose value here ties
/// with the value here of the reference's.
/// </summary>
internal static class TopIds
{
    /// <summary>Compares one position.</summary>
    /// <param name="check">Gets the mismatch and the differences.</param>
    /// <param name="what">Name of the position.</param>
    /// <param name="row">The engine's log-probability of every id.</param>
    /// <param name="ids">The reference's ids, most probable first.</param>
    /// <param name="values">Their log-probabilities in the reference.</param>
    public static void Check(CaseCheck check, string what, double[] row, ReadOnlySpan<int> ids, ReadOnlySpan<float> values)
    {
        int[] best = Best(row, ids.Length);
        for (int rank = 0; rank < ids.Length; rank++)
        {
            if ((uint)ids[rank] >= (uint)row.Length)
            {
                check.Fail($"{what} id {rank} must be below the vocabulary's {row.Length}; got {ids[rank]}");
                return;
            }

            check.Close($"{what} log-probability {rank}", row[ids[rank]], values[rank], Quantity.LogProbability);
            int other = ids.IndexOf(best[rank]);
            bool ties = other >= 0
                ? Tolerance.Holds(values[other], values[rank])
                : rank == ids.Length - 1 && Tolerance.Holds(row[best[rank]], row[ids[rank]]);
            if (!ties)
            {
                check.Fail($"{what} id {rank} must be {ids[rank]}; got {best[rank]}");
            }
        }
    }

    /// <summary>The most probable ids of a row, most probable first.</summary>
    public static int[] Best(double[] row, int count)
    {
        int[] ids = [.. Enumerable.Range(0, row.Length)];
        Array.Sort(Array.ConvertAll(row, value => -value), ids);
        return ids[..count];
    }
}
