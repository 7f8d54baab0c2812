namespace Qwen3VL.Batch.Storage;

/// <summary>The workers, as their table tells of them.</summary>
internal interface IFleet
{
    /// <summary>Workers, the newest last.</summary>
    /// <param name="all">With those that stopped more than a day ago.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    Task<IReadOnlyList<WorkerRow>> ListAsync(bool all, CancellationToken cancellationToken);

    /// <summary>Asks workers that run to stop in order. Asking again changes nothing.</summary>
    /// <returns>Ids of the workers that were asked, now or before.</returns>
    Task<IReadOnlyList<long>> RequestDrainAsync(DrainSelection selection, CancellationToken cancellationToken);

    /// <summary>Which of these workers have not stopped.</summary>
    Task<IReadOnlyList<long>> RunningAsync(IReadOnlyList<long> workerIds, CancellationToken cancellationToken);
}
