using Qwen3VL.Engine.Caching;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Scheduling;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Scheduling;

public sealed class SchedulerTests
{
    private long _nextId;

    [Fact]
    public void Schedule_LongPrompt_IsCutByTheTokenBudget()
    {
        Scheduler scheduler = NewScheduler(budget: 32);
        SequenceState sequence = Add(scheduler, PromptBuilder.Text(80));
        RunToFirstToken(scheduler, sequence).ShouldBe([32, 32, 16]);
    }

    [Fact]
    public void Schedule_RunningAndWaiting_MixInOneStepOldestFirst()
    {
        Scheduler scheduler = NewScheduler(budget: 32);
        SequenceState first = Add(scheduler, PromptBuilder.Text(20));
        Step(scheduler);
        SequenceState second = Add(scheduler, PromptBuilder.Text(100, 5_000));
        SchedulerOutput output = scheduler.Schedule();
        output.Sequences.Select(scheduled => (scheduled.Sequence, scheduled.NumTokens)).ShouldBe([(first, 1), (second, 31)]);
        output.NumTokens.ShouldBe(32);
    }

    [Fact]
    public void Schedule_SequenceLimit_KeepsTheRestWaitingInOrder()
    {
        Scheduler scheduler = NewScheduler(maxSequences: 2);
        for (int i = 0; i < 4; i++)
        {
            Add(scheduler, PromptBuilder.Text(5, 100 * i));
        }

        Step(scheduler);
        scheduler.NumRunning.ShouldBe(2);
        scheduler.NumWaiting.ShouldBe(2);
    }

    [Fact]
    public void Schedule_RepeatedPrompt_StartsBehindTheCachedBlocks()
    {
        Scheduler scheduler = NewScheduler();
        SequenceState first = Add(scheduler, PromptBuilder.Text(50));
        RunToFirstToken(scheduler, first);
        scheduler.Finish(first);
        SequenceState second = Add(scheduler, PromptBuilder.Text(50));
        SchedulerOutput output = scheduler.Schedule();
        output.Sequences[0].FirstToken.ShouldBe(48);
        output.Sequences[0].NumTokens.ShouldBe(2);
        second.NumCachedTokens.ShouldBe(48);
        first.NumCachedTokens.ShouldBe(0);
    }

    [Fact]
    public void Schedule_SameTextOtherImage_MissesFromTheImageOn()
    {
        Scheduler scheduler = NewScheduler();
        SequenceState first = Add(scheduler, new PromptBuilder().AddText(20).AddImage(40, content: 1).AddText(20).Build());
        RunToFirstToken(scheduler, first);
        SequenceState sameText = Add(scheduler, new PromptBuilder().AddText(20).AddImage(40, content: 2).AddText(20).Build());
        SequenceState sameImage = Add(scheduler, new PromptBuilder().AddText(20).AddImage(40, content: 1).AddText(20).Build());
        Step(scheduler);
        sameText.NumCachedTokens.ShouldBe(16);
        sameImage.NumCachedTokens.ShouldBe(64);
    }

    [Fact]
    public void Schedule_PrefixHitEndsInsideAnImage_TakesItsEncoderOutputAgain()
    {
        Scheduler scheduler = NewScheduler();
        SequenceState first = Add(scheduler, new PromptBuilder().AddText(20).AddImage(40, content: 1).AddText(1).Build());
        RunToFirstToken(scheduler, first);
        scheduler.Finish(first);
        SequenceState second = Add(scheduler, new PromptBuilder().AddText(20).AddImage(40, content: 1).AddText(1).Build());
        SchedulerOutput output = scheduler.Schedule();
        second.NumCachedTokens.ShouldBe(48);
        output.MediaToEncode.ShouldBeEmpty();
        second.HoldsMedia(0).ShouldBeTrue();
        scheduler.CheckInvariants();
    }

    [Fact]
    public void Schedule_SecondImageBeyondTheRowBudget_CutsTheChunkAtItsFirstRow()
    {
        Scheduler scheduler = NewScheduler(encoderRows: 30);
        SequenceState sequence = Add(scheduler, new PromptBuilder().AddText(3).AddImage(20, 1).AddText(2).AddImage(20, 2).AddText(4).Build());
        SchedulerOutput output = scheduler.Schedule();
        output.Sequences[0].NumTokens.ShouldBe(25);
        output.MediaToEncode.Count.ShouldBe(1);
        Finish(scheduler, output);
        RunToFirstToken(scheduler, sequence).ShouldBe([24]);
    }

    [Fact]
    public void Schedule_ImageLargerThanTheRowBudget_IsEncodedAlone()
    {
        Scheduler scheduler = NewScheduler(encoderRows: 8, encoderCapacity: 16);
        SequenceState sequence = Add(scheduler, new PromptBuilder().AddText(3).AddImage(20, 1).AddText(2).AddImage(24, 2).AddText(1).Build());
        RunToFirstToken(scheduler, sequence).ShouldBe([25, 25]);
    }

    [Fact]
    public void Schedule_OversizeSecondImageUnderAStreamOfSmallOnes_IsEncodedAllTheSame()
    {
        Scheduler scheduler = NewScheduler(budget: 16, encoderCapacity: 26);
        SequenceState sequence = Add(scheduler, new PromptBuilder().AddText(3).AddImage(10, 1).AddText(1).AddImage(30, 2).AddText(1).Build());
        for (int step = 0; step < 60 && sequence.NumOutputTokens == 0; step++)
        {
            // 16 tokens as the budget: each of them ends a step inside its image, and the next one comes in behind it.
            Add(scheduler, new PromptBuilder().AddText(1, 40 * step).AddImage(13, 100 + step).AddText(2).Build(), maxOutput: 1);
            foreach (ScheduledSequence scheduled in Step(scheduler).Sequences.Where(entry => entry.Sequence != sequence && entry.Sequence.NumOutputTokens == 1).ToList())
            {
                scheduler.Finish(scheduled.Sequence);
            }
        }

        sequence.NumOutputTokens.ShouldBe(1);
    }

    [Fact]
    public void Schedule_ChunkEdgeInsideAnImage_EncodesItOnce()
    {
        Scheduler scheduler = NewScheduler(budget: 16);
        SequenceState sequence = Add(scheduler, new PromptBuilder().AddText(3).AddImage(40, 1).AddText(2).Build());
        int encoded = 0;
        while (sequence.NumOutputTokens == 0)
        {
            SchedulerOutput output = scheduler.Schedule();
            encoded += output.MediaToEncode.Count;
            Finish(scheduler, output);
        }

        encoded.ShouldBe(1);
        sequence.HoldsMedia(0).ShouldBeFalse();
    }

    [Fact]
    public void Schedule_ClipWithTextBetweenFrames_IsHeldUntilItsLastFrame()
    {
        Scheduler scheduler = NewScheduler(budget: 10);
        SequenceState sequence = Add(scheduler, new PromptBuilder().AddText(5).AddClip(3, 4, 6, 1).AddText(20).Build());
        var held = new List<bool>();
        while (sequence.NumOutputTokens == 0)
        {
            Step(scheduler);
            held.Add(sequence.HoldsMedia(0));
        }

        // The clip's last placeholder is token 28: chunks of ten reach it in the third step.
        held.ShouldBe([true, true, false, false, false]);
    }

    [Fact]
    public void Schedule_SameImageTwiceInOnePrompt_IsEncodedOnce()
    {
        Scheduler scheduler = NewScheduler();
        Add(scheduler, new PromptBuilder().AddText(3).AddImage(20, 1).AddText(2).AddImage(20, 1).AddText(1).Build());
        SchedulerOutput output = scheduler.Schedule();
        output.MediaToEncode.Count.ShouldBe(1);
        output.NumTokens.ShouldBe(46);
        scheduler.CheckInvariants();
    }

    [Fact]
    public void Schedule_SameImageInTwoSequences_IsEncodedOnce()
    {
        Scheduler scheduler = NewScheduler(prefixCache: false);
        Add(scheduler, new PromptBuilder().AddText(3).AddImage(20, 1).AddText(2).Build());
        Add(scheduler, new PromptBuilder().AddText(7).AddImage(20, 1).AddText(2).Build());
        scheduler.Schedule().MediaToEncode.Count.ShouldBe(1);
        scheduler.CheckInvariants();
    }

    [Fact]
    public void Schedule_NoFreeBlock_PreemptsTheYoungestAndRunsItAgainLater()
    {
        // 4 usable blocks: two sequences of two blocks each; the older one needs a third.
        Scheduler scheduler = NewScheduler(numBlocks: 5, prefixCache: false);
        SequenceState older = Add(scheduler, PromptBuilder.Text(32), maxOutput: 20);
        SequenceState younger = Add(scheduler, PromptBuilder.Text(31, 700), maxOutput: 20);
        Step(scheduler);
        SchedulerOutput output = scheduler.Schedule();
        output.Preempted.ShouldBe([younger]);
        output.Sequences.Select(scheduled => scheduled.Sequence).ShouldBe([older]);
        Finish(scheduler, output);
        younger.Status.ShouldBe(SequenceStatus.Waiting);
        younger.NumComputedTokens.ShouldBe(0);
        younger.NumOutputTokens.ShouldBe(1);
        younger.Table.Count.ShouldBe(0);
        scheduler.Finish(older);
        scheduler.Schedule().Sequences[0].NumTokens.ShouldBe(32);
        younger.NumCachedTokens.ShouldBe(0);
    }

    [Fact]
    public void Schedule_PreemptedSequenceWithPrefixCache_FindsItsOwnBlocksAgain()
    {
        Scheduler scheduler = NewScheduler(numBlocks: 6);
        SequenceState older = Add(scheduler, PromptBuilder.Text(32), maxOutput: 40);
        SequenceState younger = Add(scheduler, PromptBuilder.Text(40, 700), maxOutput: 20);
        Step(scheduler);
        Step(scheduler).Preempted.ShouldBe([younger]);
        scheduler.Finish(older);
        SchedulerOutput output = scheduler.Schedule();
        output.Sequences[0].FirstToken.ShouldBe(32);

        // Usage counts the hit of the first admission only.
        younger.NumCachedTokens.ShouldBe(0);
    }

    [Fact]
    public void Schedule_LongPromptsInATightPool_PreemptsNoneTwiceWhileNothingFinishes()
    {
        Scheduler scheduler = NewScheduler(budget: 16, numBlocks: 13, prefixCache: false);
        SequenceState[] sequences = [.. Enumerable.Range(0, 4).Select(i => Add(scheduler, PromptBuilder.Text(70, 1_000 * i), maxOutput: 100))];
        var preemptions = sequences.ToDictionary(sequence => sequence, _ => 0);
        while (sequences[0].NumOutputTokens < 100)
        {
            Step(scheduler).Preempted.ForEach(sequence => preemptions[sequence]++);
        }

        preemptions.Values.Sum().ShouldBeGreaterThan(0);
        preemptions.Values.ShouldAllBe(count => count <= 1);
    }

    [Fact]
    public void Finish_WaitingSequence_LeavesTheQueue()
    {
        Scheduler scheduler = NewScheduler();
        SequenceState sequence = Add(scheduler, PromptBuilder.Text(5));
        scheduler.Finish(sequence);
        scheduler.NumWaiting.ShouldBe(0);
        Should.Throw<EngineInvariantException>(() => scheduler.Finish(sequence));
    }

    [Fact]
    public void Add_SequenceThatNeverFits_Throws() =>
        Should.Throw<EngineInvariantException>(() => Add(NewScheduler(numBlocks: 3), PromptBuilder.Text(30), maxOutput: 3));

    private static Scheduler NewScheduler(
        int budget = 256, int encoderRows = 1_000, int encoderCapacity = 1_000, int maxSequences = 8, int numBlocks = 100, bool prefixCache = true) =>
        new(
            new SchedulerLimits(budget, encoderRows, maxSequences),
            new KvCacheManager(new BlockPool(numBlocks), prefixCache),
            new EncoderCache(encoderCapacity));

    private SequenceState Add(Scheduler scheduler, ProcessedPrompt prompt, int maxOutput = 8)
    {
        var sequence = new SequenceState(++_nextId, prompt, maxOutput, BlockHash.Root("test"));
        scheduler.Add(sequence);
        return sequence;
    }

    private static SchedulerOutput Step(Scheduler scheduler)
    {
        SchedulerOutput output = scheduler.Schedule();
        Finish(scheduler, output);
        return output;
    }

    private static void Finish(Scheduler scheduler, SchedulerOutput output)
    {
        scheduler.CheckInvariants();
        scheduler.Advance();
        foreach (ScheduledSequence scheduled in output.Sequences)
        {
            if (scheduled.Sequence.NumComputedTokens == scheduled.Sequence.NumKnownTokens)
            {
                scheduled.Sequence.Append(42);
            }
        }

        scheduler.CheckInvariants();
    }

    private static List<int> RunToFirstToken(Scheduler scheduler, SequenceState sequence)
    {
        var chunks = new List<int>();
        while (sequence.NumOutputTokens == 0)
        {
            chunks.Add(Step(scheduler).Sequences.Single(scheduled => scheduled.Sequence == sequence).NumTokens);
        }

        return chunks;
    }
}
