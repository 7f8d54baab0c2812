using Qwen3VL.Engine.Execution;
using Qwen3VL.Engine.Scheduling;

namespace Qwen3VL.Engine.Tests.Execution;

/// <summary>A runner without a model: the logits of a sequence depend on its known tokens only, or follow a script.</summary>
internal sealed class ScriptedRunner(Func<SequenceState, int> next, int vocabularySize = 259) : IStepRunner
{
    private float[] _logits = [];

    public int NumSteps { get; private set; }

    public bool IsDisposed { get; private set; }

    public Action<SchedulerOutput>? OnRun { get; set; }

    public StepLogits Run(SchedulerOutput scheduled)
    {
        NumSteps++;
        OnRun?.Invoke(scheduled);
        SequenceState[] wanting = [.. scheduled.Sequences.Where(entry => entry.WantsLogits).Select(entry => entry.Sequence)];
        _logits = new float[wanting.Length * vocabularySize];
        for (int row = 0; row < wanting.Length; row++)
        {
            _logits[(row * vocabularySize) + next(wanting[row])] = 10;
        }

        return new StepLogits(_logits, wanting.Length, vocabularySize);
    }

    public void Dispose() => IsDisposed = true;
}
