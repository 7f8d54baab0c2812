using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;

namespace Qwen3VL.Batch.Storage;

/// <summary>What a follow-up job takes over from the job that it replays.</summary>
internal static class FollowUp
{
    /// <summary>The job's options with the changes in them.</summary>
    public static JobOptions Options(JobRecord job, ReplayChanges changes) => job.Options with
    {
        Dpi = changes.Dpi ?? job.Options.Dpi,
        MaxPixels = changes.MaxPixels ?? job.Options.MaxPixels,
        PagesPerChunk = changes.PagesPerChunk ?? job.Options.PagesPerChunk,
        MaxOutputTokens = changes.MaxOutputTokens ?? job.Options.MaxOutputTokens,
        Temperature = changes.Temperature ?? job.Options.Temperature,
        Seed = changes.Seed ?? job.Options.Seed,
    };

    /// <summary>What is wrong with options for such a job; the same rules as for a command.</summary>
    public static IReadOnlyList<string> Problems(JobRecord job, JobOptions options, PlanningOptions defaults, DateTimeOffset now)
    {
        var command = new SubmitJob
        {
            IdempotencyKey = job.IdempotencyKey,
            Kind = job.Kind,
            Source = job.Source,
            Tasks = job.Tasks,
            Options = options,
        };
        return SubmitJobValidator.Validate(command, defaults, now);
    }
}
