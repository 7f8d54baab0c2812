namespace Qwen3VL.Batch.Pipeline;

/// <summary>What follows a failed execution of a chunk, and what it counts.</summary>
/// <param name="Action">What follows.</param>
/// <param name="CountsFailure">Whether it counts against the cap on failures.</param>
/// <param name="Degrades">Whether the next execution takes smaller media.</param>
internal readonly record struct RetryDecision(RetryAction Action, bool CountsFailure = false, bool Degrades = false);
