namespace Qwen3VL.Batch.Storage;

/// <summary>A group this worker holds. The fence grows with every claim: an older holder's writes are refused.</summary>
/// <param name="JobId">Job.</param>
/// <param name="GroupNo">0 is the planning of the job.</param>
/// <param name="Fence">Number of the claim.</param>
/// <param name="WorkerId">Holder.</param>
/// <param name="Lane">One of <see cref="Lanes"/>.</param>
/// <param name="Outages">How often in a row the job's source could not be had; giving the group back stores it.</param>
internal sealed record ClaimedGroup(Guid JobId, int GroupNo, long Fence, long WorkerId, short Lane = Lanes.Bulk, int Outages = 0)
{
    /// <summary>The planning group's number.</summary>
    public const int PlanningGroupNo = 0;

    /// <summary>The key of the lease.</summary>
    public LeaseKey Key => new(JobId, GroupNo, Fence);
}
