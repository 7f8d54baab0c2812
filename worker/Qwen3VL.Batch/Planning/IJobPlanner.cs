using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Planning;

/// <summary>Probes a job's source and cuts the job into chunks. The same job and file always give the same plan.</summary>
internal interface IJobPlanner
{
    /// <summary>Makes the plan.</summary>
    /// <exception cref="ContentException">The source cannot be done: the job fails with its code.</exception>
    Task<JobPlan> PlanAsync(JobRecord job, CancellationToken cancellationToken);
}
