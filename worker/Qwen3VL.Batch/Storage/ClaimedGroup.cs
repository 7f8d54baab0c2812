namespace Qwen3VL.Batch.Storage;

/// <summary>A group this worker holds. The fence grows with every claim: an older holder's writes are refused.</summary>
/// <param name="JobId">Job.</param>
/// <param name="GroupNo">0 is the planning of the job.</param>
/// <param name="Fence">Number of the claim.</param>
/// <param name="WorkerId">Holder.</param>
/// <param name="Lane">One of <see cref="Lanes"/>.</param>
/// <param name="Outages">How often in a row the job's source could not be had; giving the group back stores both counts.</param>
/// <param name="Defects">How often a claim ended by what no worker can explain, or by a decoder that was ended from outside.</param>
internal sealed record ClaimedGroup(Guid JobId, int GroupNo, long Fence, long WorkerId, short Lane = Lanes.Bulk, int Outages = 0, int Defects = 0)
{
    /// <summary>The planning group's number.</summary>
    public const int PlanningGroupNo = 0;

    /// <summary>The key of the lease.</summary>
    public LeaseKey Key => new(JobId, GroupNo, Fence);
}
