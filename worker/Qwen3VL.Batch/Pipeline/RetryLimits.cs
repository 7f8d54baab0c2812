namespace Qwen3VL.Batch.Pipeline;

/// <summary>What can be changed about the next execution of a chunk.</summary>
/// <param name="MaxDegradation">Steps by which its media can be made smaller; 0 for a chunk without media.</param>
/// <param name="CanResample">Whether the model may answer otherwise: false when the job wants greedy decoding.</param>
internal readonly record struct RetryLimits(int MaxDegradation, bool CanResample);
