using Qwen3VL.Engine.Caching;

namespace Qwen3VL.Engine.Scheduling;

/// <summary>
/// Decides what each step computes, by one rule: computed tokens catch up with known tokens under a token budget. That covers chunked
/// prefill, prefix hits, preemption and mixed batches. Integers only. Owned by the engine core, used by the engine thread only.
/// </summary>
/// <remarks>
/// Running sequences come first, oldest first, then waiting ones in order of arrival. The rule and the order follow vllm-project/vllm
/// <c>v1/core/sched/scheduler.py: schedule</c>. The running list is always in order of arrival and older than the whole waiting queue.
/// </remarks>
internal sealed partial class Scheduler
{
    private readonly SchedulerLimits _limits;
    private readonly KvCacheManager _kv;
    private readonly EncoderCache _encoderCache;
    private readonly EncoderPlanner _encoder;
    private readonly List<SequenceState> _running = [];
    private readonly WaitingQueue _waiting = new();
    private readonly SchedulerOutput _output = new();
    private long _nextArrival;

    /// <summary>Creates a scheduler that owns the caches from here.</summary>
    public Scheduler(SchedulerLimits limits, KvCacheManager kv, EncoderCache encoderCache)
    {
        if (limits.MaxSequences < 1 || limits.TokenBudget < limits.MaxSequences)
        {
            throw new ArgumentException($"the token budget must be at least the sequence limit, which is at least 1; got {limits.TokenBudget} and {limits.MaxSequences}");
        }

        _limits = limits;
        _kv = kv;
        _encoderCache = encoderCache;
        _encoder = new EncoderPlanner(encoderCache, limits.EncoderRowBudget);
    }

    /// <summary>Running sequences.</summary>
    public int NumRunning => _running.Count;

    /// <summary>Waiting sequences.</summary>
    public int NumWaiting => _waiting.Count;

    /// <summary>Blocks no sequence holds.</summary>
    public int NumFreeBlocks => _kv.Pool.NumFree;

    /// <summary>Takes a new sequence. The caller has checked that it fits the whole KV cache when it runs alone.</summary>
    public void Add(SequenceState sequence)
    {
        int blocksAlone = BlockTable.BlocksFor(sequence.NumPromptTokens + sequence.MaxOutputTokens);
        if (blocksAlone > _kv.Pool.NumBlocks - 1)
        {
            throw new EngineInvariantException(
                $"a sequence must fit the KV cache alone; got {blocksAlone} blocks for {_kv.Pool.NumBlocks - 1} (sequence {sequence.Id})");
        }

        sequence.Arrival = _nextArrival++;
        _waiting.PushBack(sequence);
    }

    /// <summary>Makes the next step. The result is valid until the next call.</summary>
    public SchedulerOutput Schedule()
    {
        _output.Clear();
        _encoder.BeginStep();
        int budget = ScheduleRunning(_limits.TokenBudget);

        // A step that took blocks away gives none to newcomers: they would lose them at once. Nor do newcomers come in while a running
        // sequence waits for encoder room: their images would keep the room taken for ever.
        if (_output.Preempted.Count == 0 && !_output.IsShortOfEncoderRoom)
        {
            budget = ScheduleWaiting(budget);
        }

        _output.NumTokens = _limits.TokenBudget - budget;
        if (_output.Sequences.Count == 0 && _output.Preempted.Count == 0 && _running.Count + _waiting.Count > 0)
        {
            throw new EngineInvariantException(
                $"a step must make progress; got no token for {_running.Count} running and {_waiting.Count} waiting sequences, "
                + $"free blocks {_kv.Pool.NumFree} of {_kv.Pool.NumBlocks}, encoder rows used {_encoderCache.UsedRows} of {_encoderCache.CapacityRows}");
        }

        return _output;
    }

    /// <summary>After the run: scheduled tokens are computed, full blocks become findable, media behind the computed tokens are let go.</summary>
    public void Advance()
    {
        foreach (ScheduledSequence scheduled in _output.Sequences)
        {
            SequenceState sequence = scheduled.Sequence;
            sequence.NumComputedTokens += scheduled.NumTokens;
            sequence.NumScheduledTokens = 0;
            _kv.Publish(sequence.Table, sequence.Hashes, sequence.KnownTokenIds, sequence.NumComputedTokens);
            _encoder.ReleaseComputed(sequence);
        }
    }

    /// <summary>Instead of <see cref="Advance"/> when the step was not run: its sequences stay where they were before it, and keep their room.</summary>
    public void Retract()
    {
        foreach (ScheduledSequence scheduled in _output.Sequences)
        {
            scheduled.Sequence.NumScheduledTokens = 0;
        }
    }

    /// <summary>Takes a media item that could not be encoded off the books; every sequence that held it has been finished.</summary>
    public void Forget(ContentHash content) => _encoderCache.Forget(content);

    /// <summary>Ends a sequence, wherever it is: it holds nothing afterwards. Called between runs only.</summary>
    public void Finish(SequenceState sequence)
    {
        bool wasHere = sequence.Status switch
        {
            SequenceStatus.Waiting => _waiting.Remove(sequence),
            SequenceStatus.Running => _running.Remove(sequence),
            _ => false,
        };
        if (!wasHere)
        {
            throw new EngineInvariantException($"a finished sequence must be running or waiting here; got sequence {sequence.Id} {sequence.Status}");
        }

        _kv.Free(sequence.Table);
        _encoder.ReleaseAll(sequence);
        sequence.Status = SequenceStatus.Finished;
    }

    /// <summary>Running sequences, oldest first, get what they still need. Returns the budget left.</summary>
    private int ScheduleRunning(int budget)
    {
        // The list may shrink at its end while it is walked: the youngest are preempted for the oldest.
        for (int i = 0; i < _running.Count && budget > 0; i++)
        {
            SequenceState sequence = _running[i];
            int numTokens = Math.Min(sequence.NumKnownTokens - sequence.NumComputedTokens, budget);
            numTokens = _encoder.Plan(sequence, sequence.NumComputedTokens, numTokens);
            _output.IsShortOfEncoderRoom |= numTokens == 0;
            if (numTokens > 0 && TryGrowByPreemption(sequence, sequence.NumComputedTokens + numTokens))
            {
                Commit(sequence, numTokens);
                budget -= numTokens;
            }
        }

        return budget;
    }

    /// <summary>Waiting sequences are admitted in order while there is budget, a place and room for all their known tokens. Returns the budget left.</summary>
    private int ScheduleWaiting(int budget)
    {
        while (budget > 0 && _running.Count < _limits.MaxSequences && _waiting.TryPeek(out SequenceState? sequence))
        {
            int numCached = _kv.FindCachedPrefix(sequence.Hashes, sequence.ReadsPrefixCache ? sequence.KnownTokenIds : []);
            int numTokens = Math.Min(sequence.NumKnownTokens - numCached, budget);
            numTokens = _encoder.Plan(sequence, numCached, numTokens);

            // Room for every known token at once: one that got less would run into the older ones' growth and be preempted over and over.
            if (numTokens == 0 || !_kv.TryAdmit(sequence.Table, sequence.NumKnownTokens))
            {
                break;
            }

            _waiting.RemoveFirst();
            _running.Add(sequence);
            sequence.Status = SequenceStatus.Running;
            sequence.NumComputedTokens = numCached;
            if (sequence.NumCachedTokens < 0)
            {
                sequence.NumCachedTokens = numCached;
                _output.Admitted.Add(sequence);
            }

            Commit(sequence, numTokens);
            budget -= numTokens;
        }

        return budget;
    }

    private void Commit(SequenceState sequence, int numTokens)
    {
        _encoder.Commit(sequence, _output);
        sequence.NumScheduledTokens = numTokens;
        _output.Sequences.Add(new ScheduledSequence(sequence, sequence.NumComputedTokens, numTokens));
    }
}
