using Qwen3VL.Engine.Scheduling;

namespace Qwen3VL.Engine.Execution;

/// <summary>Computes one scheduled step. Used by the engine thread only.</summary>
internal interface IStepRunner : IDisposable
{
    /// <summary>
    /// Encodes scheduled media, runs all scheduled tokens and returns one row of logits for each scheduled sequence that wants them, in
    /// their order. The result is valid until the next call.
    /// </summary>
    /// <exception cref="MediaMemoryException">The device has no memory for some of the media; no token of the step ran.</exception>
    StepLogits Run(SchedulerOutput scheduled);
}
