using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>
/// Decides what follows a failed execution of a chunk. A pure function of the failure and of the chunk's history, which the ledger keeps: the
/// decision is the same whichever worker takes it.
/// <code>
/// transient    release                  not counted; only a job's deadline, and outages of its source, bound it
/// capacity     retry, one step smaller  until nothing can be made smaller, then give up
///              retry                    what has nothing to make smaller and is not refused: as content, for its neighbours may have been large
/// content      retry                    until the third failure, then give up; an answer that would be the same again at once
/// defect       retry                    the same
/// permanent    give up                  at once
/// </code>
/// Crashes are decided in the database, because the worker that could say so is dead: see <see cref="Quarantine"/>.
/// </summary>
internal static class RetryPolicy
{
    /// <summary>Failures that end a chunk. Three: one may be chance, a second one bad luck; a third costs more than it finds.</summary>
    public const int MaxFailures = 3;

    /// <summary>What follows.</summary>
    /// <param name="failure">The class of the failure.</param>
    /// <param name="code">Its code.</param>
    /// <param name="history">What happened to the chunk before this execution.</param>
    /// <param name="limits">What can still be changed about the next execution.</param>
    public static RetryDecision Decide(FailureClass failure, string code, ChunkHistory history, RetryLimits limits) => failure switch
    {
        FailureClass.Transient => new RetryDecision(RetryAction.Release),
        FailureClass.Capacity when history.Degradation < limits.MaxDegradation => new RetryDecision(RetryAction.Retry, Degrades: true),
        FailureClass.Capacity when limits.MaxDegradation > 0 || code == ErrorCodes.RequestRefused => new RetryDecision(RetryAction.GiveUp, CountsFailure: true),
        FailureClass.Content when code == ErrorCodes.OutputUnreadable && !limits.CanResample => new RetryDecision(RetryAction.GiveUp, CountsFailure: true),
        FailureClass.Capacity or FailureClass.Content or FailureClass.Defect when history.Failures + 1 < MaxFailures => new RetryDecision(RetryAction.Retry, CountsFailure: true),
        _ => new RetryDecision(RetryAction.GiveUp, CountsFailure: true),
    };

    /// <summary>Whether other random numbers may help: the model's answer was at fault, and not the file.</summary>
    public static bool IsOfTheAnswer(string? code) => code is ErrorCodes.OutputUnreadable or ErrorCodes.ChunkTimeout;
}
