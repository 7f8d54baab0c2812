namespace Qwen3VL.Batch.Storage;

/// <summary>What a sweep did.</summary>
/// <param name="ExpiredLeases">Leases taken back.</param>
/// <param name="CancelledJobs">Jobs that ended cancelled.</param>
/// <param name="OverdueJobs">Jobs stopped at their deadline.</param>
internal sealed record SweepReport(int ExpiredLeases, int CancelledJobs, int OverdueJobs)
{
    /// <summary>What was found in the leases taken back.</summary>
    public TakenBack Found { get; init; }

    /// <summary>What went wrong; everything else was done.</summary>
    public IReadOnlyList<Exception> Errors { get; init; } = [];
}
