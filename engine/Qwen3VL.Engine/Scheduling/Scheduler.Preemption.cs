namespace Qwen3VL.Engine.Scheduling;

/// <content>Taking blocks back: the youngest running sequence gives way, and computes its tokens again when there is room.</content>
internal sealed partial class Scheduler
{
    /// <summary>
    /// Grows a running sequence's table, preempting the youngest running sequences as long as there is no room; false when the sequence
    /// itself was the youngest and had to go. Sequences are visited oldest first, so a victim never has tokens in this step yet.
    /// </summary>
    private bool TryGrowByPreemption(SequenceState sequence, int numTokens)
    {
        while (!_kv.TryGrow(sequence.Table, numTokens))
        {
            SequenceState youngest = _running[^1];
            Preempt(youngest);
            if (ReferenceEquals(youngest, sequence))
            {
                return false;
            }
        }

        return true;
    }

    private void Preempt(SequenceState sequence)
    {
        if (sequence.NumScheduledTokens != 0)
        {
            throw new EngineInvariantException(
                $"a preempted sequence must have no tokens in the step; got {sequence.NumScheduledTokens} (sequence {sequence.Id})");
        }

        _running.RemoveAt(_running.Count - 1);
        _kv.Free(sequence.Table);
        _encoder.ReleaseAll(sequence);
        sequence.NumComputedTokens = 0;
        sequence.Status = SequenceStatus.Waiting;
        _waiting.PushFront(sequence);
        _output.Preempted.Add(sequence);
    }
}
