namespace Qwen3VL.Batch.FaultTests.Models;

/// <summary>The ledger did what the model does not.</summary>
/// <param name="step">Number of the step, from 0.</param>
/// <param name="message">What must hold, and what was found.</param>
internal sealed class ModelMismatchException(int step, string message) : Exception(message)
{
    /// <summary>Number of the step, from 0.</summary>
    public int Step { get; } = step;
}
