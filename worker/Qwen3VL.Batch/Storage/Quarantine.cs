namespace Qwen3VL.Batch.Storage;

/// <summary>
/// What becomes of work whose processes die.
/// <code>
/// lost starts of a chunk   0 clean   1 suspect, runs after the clean ones, one at a time in a process
///                          2 alone in the quarantine lane   4 given up with code crash
/// lost leases of planning  2 in the quarantine lane         4 the job fails with code crash
/// </code>
/// </summary>
internal static class Quarantine
{
    /// <summary>Lost starts, or lost leases of a planning group, that move it to the quarantine lane.</summary>
    public const int EntryLosses = 2;

    /// <summary>Lost starts, or lost leases of a planning group, after which it is given up: two of them happened in quarantine.</summary>
    public const int FinalLosses = 4;

    /// <summary>
    /// Number of the group that quarantined chunk 0 has; chunk n's is n more. Above the numbers of all planned groups, which begin at 1 and
    /// are not more than the chunks, and made from the chunk alone, so that a chunk is moved once whoever does it.
    /// </summary>
    public const int FirstGroupNo = 1 << 30;
}
