using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Storage;

/// <summary>Looks into a tenant's jobs more closely than their results need, for people. Never writes.</summary>
internal interface IJobInspector
{
    /// <summary>Jobs of the tenant that the filter lets through.</summary>
    Task<IReadOnlyList<JobRecord>> ListAsync(long tenantId, JobFilter filter, CancellationToken cancellationToken);

    /// <summary>Everything about how a job's work stands; null when the tenant has no such job.</summary>
    Task<JobDetails?> ReadAsync(long tenantId, Guid jobId, CancellationToken cancellationToken);
}
