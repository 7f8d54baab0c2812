namespace Qwen3VL.Batch.Storage;

/// <summary>
/// Where a tenant's groups stand among those of others. Groups are claimed in order of a key:
/// <code>
/// planning group   created + slack(priority) + penalty * open groups of the tenant that are as urgent or more, at most the cap
/// group i          key of its planning group + penalty * i, for the groups that can begin at once
/// later stages     key of their planning group: what is nearly done is finished first
/// </code>
/// A tenant with ten thousand groups so spreads over hours that have not come yet, and one with ten passes it. Nothing starves: a key is
/// fixed when the group is made, and no group that comes after that time has a smaller one.
/// </summary>
internal static class TenantFairness
{
    /// <summary>
    /// How much later each further group of a tenant stands. About the time that a fleet of a few slots takes for a group of some minutes: a
    /// smaller step lets a big job stay in front of those who come while it runs.
    /// </summary>
    public const double PenaltySeconds = 30;

    /// <summary>The most that open groups of earlier jobs put a new job back.</summary>
    public const double CapSeconds = 6 * 60 * 60;

    /// <summary>More open groups than this are not counted: they make no difference.</summary>
    public const int MostCounted = (int)(CapSeconds / PenaltySeconds);

    /// <summary>Seconds that a new job of a tenant with so many open groups is put back.</summary>
    public static double JobDelay(int openGroups) => Math.Min(openGroups, MostCounted) * PenaltySeconds;

    /// <summary>Seconds that a group stands behind its planning group.</summary>
    /// <param name="index">Its place among the groups of its stage, from 0.</param>
    /// <param name="isFirstStage">Whether it can begin as soon as the job is planned.</param>
    public static double GroupDelay(int index, bool isFirstStage) => isFirstStage ? index * PenaltySeconds : 0;
}
