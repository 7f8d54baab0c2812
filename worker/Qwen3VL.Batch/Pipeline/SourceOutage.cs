using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>How long a source that cannot be had now is waited for. It is nobody's defect, but a host that is gone for good must not keep a job open for ever.</summary>
internal static class SourceOutage
{
    /// <summary>
    /// Times in a row, by all workers, after which a source is given up. With the growing, jittered delays between claims 40 of them take about a
    /// quarter of an hour at least on average, and longer where workers are busy.
    /// </summary>
    public const int MaxTries = 40;

    /// <summary>The job's file for a group.</summary>
    /// <exception cref="ContentException">The source is at fault, or could not be had for too long.</exception>
    /// <exception cref="SourceUnavailableException">It cannot be had now.</exception>
    public static async Task<SourceFile> ResolveAsync(ISourceResolver sources, JobRecord job, ClaimedGroup group, CancellationToken cancellationToken)
    {
        try
        {
            return await sources.ResolveAsync(job.Source, job.Facts?.Sha256, cancellationToken).ConfigureAwait(false);
        }
        catch (SourceUnavailableException exception) when (IsOver(group, exception))
        {
            throw new ContentException(ErrorCodes.SourceUnavailable, exception.Message, exception);
        }
    }

    /// <summary>Whether this failure is the last that a group's source is given. A worker without room for the file says nothing of the source.</summary>
    public static bool IsOver(ClaimedGroup group, SourceUnavailableException exception) => !exception.IsOfWorker && group.Outages + 1 >= MaxTries;
}
