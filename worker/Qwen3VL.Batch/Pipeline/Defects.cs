using System.Diagnostics;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>
/// What is recorded of an exception nobody expected. Its text may quote a document or the model, so only its type and the place that threw
/// it are kept.
/// </summary>
internal static class Defects
{
    /// <summary>
    /// Failures of a planning group, on all workers, that no worker can explain: the last ends the job instead of being tried again. Chunks have
    /// counters of their own: see <see cref="RetryPolicy"/>.
    /// </summary>
    public const int MaxTries = 5;

    /// <summary>Stored with the job or chunk.</summary>
    public static JobError Error { get; } = new(ErrorCodes.Internal, "the worker met an unexpected error; its log has the type and place");

    /// <summary>Whether one more failure is the last that a planning group is given.</summary>
    public static bool IsLast(ClaimedGroup planning) => planning.Defects + 1 >= MaxTries;

    /// <summary>Method that threw, innermost first.</summary>
    public static string Site(Exception exception)
    {
        StackFrame[] frames = new StackTrace(exception, fNeedFileInfo: false).GetFrames();
        return string.Join(" < ", frames.Take(4).Select(frame => DiagnosticMethodInfo.Create(frame)).OfType<DiagnosticMethodInfo>()
            .Select(method => $"{method.DeclaringTypeName}.{method.Name}"));
    }
}
