using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>How long a source that cannot be had now is waited for. It is nobody's defect, but a host that is gone for good must not keep a job open for ever.</summary>
internal static class SourceOutage
{
    /// <summary>
    /// Claims of a group, by all workers, after which its source is given up. With the growing, jittered delays between claims 40 of them take about a
    /// quarter of an hour at least on average, and longer where workers are busy.
    /// </summary>
    public const long MaxClaims = 40;

    /// <summary>The job's file for a group.</summary>
    /// <exception cref="ContentException">The source is at fault, or could not be had for too long.</exception>
    /// <exception cref="SourceUnavailableException">It cannot be had now.</exception>
    public static async Task<SourceFile> ResolveAsync(ISourceResolver sources, JobRecord job, long claims, CancellationToken cancellationToken)
    {
        try
        {
            return await sources.ResolveAsync(job.Source, job.Facts?.Sha256, cancellationToken).ConfigureAwait(false);
        }
        catch (SourceUnavailableException exception) when (claims >= MaxClaims)
        {
            throw new ContentException(ErrorCodes.SourceUnavailable, exception.Message, exception);
        }
    }
}
