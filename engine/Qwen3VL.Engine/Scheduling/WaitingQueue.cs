using System.Diagnostics.CodeAnalysis;

namespace Qwen3VL.Engine.Scheduling;

/// <summary>
/// Sequences that are not running, oldest first: new ones enter at the back, preempted ones return to the front. Because the youngest
/// running sequence is preempted first, the whole queue stays in order of arrival.
/// </summary>
internal sealed class WaitingQueue
{
    private readonly LinkedList<SequenceState> _sequences = new();

    /// <summary>Sequences in it.</summary>
    public int Count => _sequences.Count;

    /// <summary>The oldest one.</summary>
    public bool TryPeek([NotNullWhen(true)] out SequenceState? sequence)
    {
        sequence = _sequences.First?.Value;
        return sequence is not null;
    }

    /// <summary>Takes the oldest one away.</summary>
    public void RemoveFirst() => _sequences.RemoveFirst();

    /// <summary>Enters a new sequence.</summary>
    public void PushBack(SequenceState sequence) => _sequences.AddLast(sequence);

    /// <summary>Returns a preempted sequence.</summary>
    public void PushFront(SequenceState sequence) => _sequences.AddFirst(sequence);

    /// <summary>Takes one out; false when it is not here.</summary>
    public bool Remove(SequenceState sequence) => _sequences.Remove(sequence);

    /// <summary>Checks that all wait and are in order of arrival.</summary>
    public void CheckInvariants()
    {
        long previous = long.MinValue;
        foreach (SequenceState sequence in _sequences)
        {
            sequence.CheckInvariants();
            if (sequence.Status != SequenceStatus.Waiting || sequence.Arrival <= previous)
            {
                throw new EngineInvariantException(
                    $"the waiting queue must hold waiting sequences in order of arrival; got sequence {sequence.Id} {sequence.Status} with arrival {sequence.Arrival} after {previous}");
            }

            previous = sequence.Arrival;
        }
    }
}
