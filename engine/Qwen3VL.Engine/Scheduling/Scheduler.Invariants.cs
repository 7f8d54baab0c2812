using System.Diagnostics;
using Qwen3VL.Engine.Caching;

namespace Qwen3VL.Engine.Scheduling;

/// <content>The executable invariants of the serving core.</content>
internal sealed partial class Scheduler
{
    /// <summary><see cref="CheckInvariants"/> in Debug builds only: what the core calls after each step.</summary>
    [Conditional("DEBUG")]
    public void DebugCheckInvariants() => CheckInvariants();

    /// <summary>Checks every class below, and what they say of each other. Linear in blocks and sequences; holds at any time between calls.</summary>
    public void CheckInvariants()
    {
        _waiting.CheckInvariants();
        long previous = long.MinValue;
        int numScheduled = 0;
        var users = new Dictionary<ContentHash, int>();
        foreach (SequenceState sequence in _running)
        {
            sequence.CheckInvariants();
            numScheduled += sequence.NumScheduledTokens;
            if (sequence.Status != SequenceStatus.Running || sequence.Arrival <= previous)
            {
                throw new EngineInvariantException(
                    $"running sequences must be in order of arrival; got sequence {sequence.Id} {sequence.Status} with arrival {sequence.Arrival} after {previous}");
            }

            previous = sequence.Arrival;
            for (int mediaIndex = 0; mediaIndex < sequence.Media.Length; mediaIndex++)
            {
                if (sequence.HoldsMedia(mediaIndex))
                {
                    ContentHash content = sequence.Media[mediaIndex].Content;
                    users[content] = users.GetValueOrDefault(content) + 1;
                }
            }
        }

        if (_waiting.TryPeek(out SequenceState? oldestWaiting) && oldestWaiting.Arrival <= previous)
        {
            throw new EngineInvariantException(
                $"running sequences must be older than waiting ones; got arrivals {previous} running and {oldestWaiting.Arrival} waiting");
        }

        if (numScheduled > _limits.TokenBudget || _running.Count > _limits.MaxSequences)
        {
            throw new EngineInvariantException(
                $"a step must stay within its limits; got {numScheduled} tokens of {_limits.TokenBudget} and {_running.Count} sequences of {_limits.MaxSequences}");
        }

        _kv.CheckInvariants(_running.Select(sequence => sequence.Table));
        _encoderCache.CheckInvariants(users);
    }
}
