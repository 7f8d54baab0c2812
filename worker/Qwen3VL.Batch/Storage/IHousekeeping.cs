namespace Qwen3VL.Batch.Storage;

/// <summary>Puts away what has served its purpose.</summary>
internal interface IHousekeeping
{
    /// <summary>Marks silent workers as lost and deletes old rows, in batches. Safe to run anywhere, any number of times.</summary>
    /// <param name="retention">How long rows are kept.</param>
    /// <param name="silence">A worker that was silent for as long is lost.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    Task<HousekeepingReport> RunAsync(RetentionOptions retention, TimeSpan silence, CancellationToken cancellationToken);
}
