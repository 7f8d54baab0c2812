using Qwen3VL.Engine.Diagnostics;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Sampling;
using Qwen3VL.Engine.Scheduling;

namespace Qwen3VL.Engine.Execution;

/// <summary>
/// The engine without threads: requests go in, each <see cref="Step"/> computes some tokens, handles complete. Owns scheduler, runner and
/// all generations. Used by one thread.
/// </summary>
internal sealed class EngineCore : IDisposable
{
    private readonly Scheduler _scheduler;
    private readonly IStepRunner _runner;
    private readonly Sampler _sampler;
    private readonly OutputScores _scores = new();
    private readonly TimeProvider _time;
    private readonly EngineMetrics _metrics;
    private readonly GuardedEngineLog _log;
    private readonly Dictionary<long, ActiveGeneration> _active = [];

    /// <summary>Creates a core that owns the scheduler and the runner.</summary>
    public EngineCore(Scheduler scheduler, IStepRunner runner, Sampler sampler, TimeProvider time, EngineMetrics metrics, IEngineLog log)
    {
        _scheduler = scheduler;
        _runner = runner;
        _sampler = sampler;
        _time = time;
        _metrics = metrics;
        _log = new GuardedEngineLog(log);
        ReportNow();
    }

    /// <summary>Generations that have not ended.</summary>
    public int NumActive => _active.Count;

    /// <summary>The scheduler, for checks.</summary>
    internal Scheduler Scheduler => _scheduler;

    /// <summary>Takes a request.</summary>
    public void Add(ActiveGeneration generation)
    {
        _scheduler.Add(generation.Sequence);
        _active.Add(generation.Sequence.Id, generation);
        ReportNow();
    }

    /// <summary>Ends a request between two steps; does nothing when it has ended already.</summary>
    public void Abort(long requestId)
    {
        if (_active.TryGetValue(requestId, out ActiveGeneration? generation))
        {
            Finish(generation, FinishReason.Aborted);
        }
    }

    /// <summary>Ends every request as aborted.</summary>
    public void AbortAll()
    {
        foreach (long requestId in _active.Keys.ToArray())
        {
            Abort(requestId);
        }
    }

    /// <summary>Fails every request; the core must not be stepped afterwards.</summary>
    public void FailAll(Exception failure)
    {
        foreach (ActiveGeneration generation in _active.Values)
        {
            generation.Fail(failure);
        }

        _active.Clear();
    }

    /// <summary>Schedule, run, update.</summary>
    public void Step()
    {
        SchedulerOutput scheduled = _scheduler.Schedule();
        StepLogits logits;
        try
        {
            logits = _runner.Run(scheduled);
        }
        catch (MediaMemoryException exception)
        {
            Refuse(scheduled, exception);
            return;
        }

        Update(scheduled, logits);
    }

    /// <summary>Frees the device side.</summary>
    public void Dispose() => _runner.Dispose();

    /// <summary>Takes a step back whose media do not fit the device, and fails the requests that cannot go on without them.</summary>
    private void Refuse(SchedulerOutput scheduled, MediaMemoryException exception)
    {
        ReportAdmissions(scheduled);
        _metrics.Stepped(0, 0, scheduled.MediaToEncode.Count - exception.Failed.Count, scheduled.Preempted.Count);
        _scheduler.Retract();
        foreach (ScheduledMedia media in exception.Failed)
        {
            foreach (ActiveGeneration generation in _active.Values.Where(generation => generation.Sequence.Holds(media.Content)).ToArray())
            {
                ProcessedMedia item = media.Sequence.Prompt.Media[media.MediaIndex];
                Fail(generation, new InvalidRequestException(
                    $"an image or clip must fit the device's memory when it is encoded; got {item.Grid.NumRows} rows from {item.Patches.Length} bytes of patches",
                    exception)
                {
                    IsTooLarge = true,
                });
            }

            _scheduler.Forget(media.Content);
        }

        ReportNow();
        _scheduler.DebugCheckInvariants();
    }

    /// <summary>Scheduled tokens become computed; sequences that reached their last known token get one more, or end.</summary>
    private void Update(SchedulerOutput scheduled, StepLogits logits)
    {
        // Counters first: whoever sees a generation complete also sees its tokens counted.
        ReportAdmissions(scheduled);
        _metrics.Stepped(scheduled.NumTokens, logits.NumRows, scheduled.MediaToEncode.Count, scheduled.Preempted.Count);
        _scheduler.Advance();
        int row = 0;
        foreach (ScheduledSequence entry in scheduled.Sequences)
        {
            SequenceState sequence = entry.Sequence;
            if (sequence.NumComputedTokens < sequence.NumKnownTokens)
            {
                continue;
            }

            ActiveGeneration generation = _active[sequence.Id];
            TakeToken(generation, logits.Row(row++));
        }

        if (row != logits.NumRows)
        {
            throw new EngineInvariantException($"every row of logits must be sampled; got {row} sampled of {logits.NumRows}");
        }

        ReportNow();
        _scheduler.DebugCheckInvariants();
    }

    /// <summary>Gives a generation its next token; ends it when that token ends it, or when its constraint cannot be followed.</summary>
    private void TakeToken(ActiveGeneration generation, Span<float> logits)
    {
        try
        {
            if (ChooseToken(generation, logits) is { } reason)
            {
                Finish(generation, reason);
            }
        }
        catch (InvalidRequestException exception)
        {
            Fail(generation, exception);
        }
    }

    private void Fail(ActiveGeneration generation, InvalidRequestException failure)
    {
        _scheduler.Finish(generation.Sequence);
        ReportNow();
        _active.Remove(generation.Sequence.Id);
        generation.Fail(failure);
        _log.RequestFailed(generation.Sequence.Id, failure);
    }

    private FinishReason? ChooseToken(ActiveGeneration generation, Span<float> logits)
    {
        TokenChoice choice = generation.Choice;
        SequenceState sequence = generation.Sequence;
        if (choice.OutputLogProbabilities is not null)
        {
            _scores.Keep(logits);
        }

        int tokenId = _sampler.Sample(
            logits, choice.Sampling, sequence.KnownTokenIds, sequence.NumPromptTokens, choice.Rules, generation.NextMask());
        return generation.Accept(tokenId, choice.OutputLogProbabilities is { } numTop ? _scores.Score(tokenId, numTop) : null);
    }

    private void Finish(ActiveGeneration generation, FinishReason reason)
    {
        _scheduler.Finish(generation.Sequence);
        ReportNow();
        GenerationUsage usage = generation.Complete(reason, _time);
        _active.Remove(generation.Sequence.Id);
        _log.RequestFinished(generation.Sequence.Id, reason, usage);
    }

    private void ReportAdmissions(SchedulerOutput scheduled)
    {
        foreach (SequenceState sequence in scheduled.Admitted)
        {
            _active[sequence.Id].Admit(_time.GetTimestamp());
            _metrics.Admitted(sequence.NumPromptTokens, sequence.NumCachedTokens);
        }

        foreach (SequenceState sequence in scheduled.Preempted)
        {
            _log.SequencePreempted(sequence.Id);
        }
    }

    private void ReportNow() => _metrics.Now(_scheduler.NumRunning, _scheduler.NumWaiting, _scheduler.NumFreeBlocks);
}
