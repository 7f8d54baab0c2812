namespace Qwen3VL.Batch.Storage;

/// <summary>Looks at the quarantine lane. Reads only.</summary>
internal interface IQuarantine
{
    /// <summary>Whether a quarantined group could be claimed now.</summary>
    Task<bool> IsReadyAsync(CancellationToken cancellationToken);

    /// <summary>Whether that is so and no worker of the quarantine lane has shown a sign of life for so long, nor is one being started by a worker.</summary>
    Task<bool> NeedsWorkerAsync(TimeSpan silence, CancellationToken cancellationToken);
}
