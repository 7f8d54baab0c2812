using System.Diagnostics;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>
/// What is recorded of an exception nobody expected. Its text may quote a document or the model, so only its type and the place that threw
/// it are kept.
/// </summary>
internal static class Defects
{
    /// <summary>
    /// Claims of a planning group, by all workers, after which a failure that no worker can explain ends the job instead of being tried again.
    /// Chunks have counters of their own: see <see cref="RetryPolicy"/>.
    /// </summary>
    public const long MaxClaims = 5;

    /// <summary>Stored with the job or chunk.</summary>
    public static JobError Error { get; } = new(ErrorCodes.Internal, "the worker met an unexpected error; its log has the type and place");

    /// <summary>Method that threw, innermost first.</summary>
    public static string Site(Exception exception)
    {
        StackFrame[] frames = new StackTrace(exception, fNeedFileInfo: false).GetFrames();
        return string.Join(" < ", frames.Take(4).Select(frame => DiagnosticMethodInfo.Create(frame)).OfType<DiagnosticMethodInfo>()
            .Select(method => $"{method.DeclaringTypeName}.{method.Name}"));
    }
}
