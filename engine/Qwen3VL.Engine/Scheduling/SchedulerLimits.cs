namespace Qwen3VL.Engine.Scheduling;

/// <summary>Bounds of one step.</summary>
/// <param name="TokenBudget">Tokens of all sequences; at least <paramref name="MaxSequences"/>, so that nobody starves.</param>
/// <param name="EncoderRowBudget">Merged vision tokens encoded; a larger single item is encoded alone.</param>
/// <param name="MaxSequences">Sequences that run at the same time.</param>
internal readonly record struct SchedulerLimits(int TokenBudget, int EncoderRowBudget, int MaxSequences);
