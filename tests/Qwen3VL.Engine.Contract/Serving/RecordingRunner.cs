using Qwen3VL.Engine.Execution;
using Qwen3VL.Engine.Scheduling;

namespace Qwen3VL.Engine.Contract.Serving;

/// <summary>Keeps a copy of every row of logits, by request and number of known tokens, and every scheduled chunk.</summary>
internal sealed class RecordingRunner(IStepRunner inner) : IStepRunner
{
    public Dictionary<(long Id, int NumKnown), float[]> Logits { get; } = [];

    public List<(long Id, int FirstToken, int NumTokens)> Chunks { get; } = [];

    public StepLogits Run(SchedulerOutput scheduled)
    {
        StepLogits logits = inner.Run(scheduled);
        int row = 0;
        foreach (ScheduledSequence entry in scheduled.Sequences)
        {
            Chunks.Add((entry.Sequence.Id, entry.FirstToken, entry.NumTokens));
            if (entry.WantsLogits)
            {
                Logits.Add((entry.Sequence.Id, entry.Sequence.NumKnownTokens), logits.Row(row++).ToArray());
            }
        }

        return logits;
    }

    public void Dispose() => inner.Dispose();
}
