using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Storage;

/// <summary>Reads what the ledger holds, for the command line. One tenant at a time; never writes.</summary>
internal interface IResultReader
{
    /// <summary>The job of an idempotency key, null while the command is still on its way.</summary>
    Task<Guid?> FindJobAsync(long tenantId, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Why a command with this key was last refused, null when none was.</summary>
    Task<JobError?> FindRejectionAsync(long tenantId, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Why this very command was refused, null when it was not; refusals of other bodies under its key do not count.</summary>
    Task<JobError?> FindRejectionAsync(SubmitJob command, CancellationToken cancellationToken);

    /// <summary>One job of the tenant.</summary>
    Task<JobRecord?> ReadJobAsync(long tenantId, Guid jobId, CancellationToken cancellationToken);

    /// <summary>Newest jobs of the tenant.</summary>
    Task<IReadOnlyList<JobRecord>> ListJobsAsync(long tenantId, int limit, CancellationToken cancellationToken);

    /// <summary>Everything stored of a job, ordered for reading; null when the tenant has no such job.</summary>
    Task<JobResults?> ReadResultsAsync(long tenantId, Guid jobId, CancellationToken cancellationToken);
}
