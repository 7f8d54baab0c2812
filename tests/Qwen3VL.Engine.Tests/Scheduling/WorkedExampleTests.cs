using Qwen3VL.Engine.Caching;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Scheduling;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Scheduling;

/// <summary>The worked examples of engine/docs/scheduling.md and engine/docs/paged-kv.md, number by number: a page that lies fails here.</summary>
public sealed class WorkedExampleTests
{
    [Fact]
    public void SchedulingPage_TwoImagesAndANeighbour_TakesTheStepsOfItsTable()
    {
        var scheduler = new Scheduler(new SchedulerLimits(32, 30, 4), new KvCacheManager(new BlockPool(20), true), new EncoderCache(100));
        ProcessedPrompt twoImages = new PromptBuilder().AddText(4).AddImage(20, 1).AddText(6).AddImage(20, 2).AddText(5).Build();
        SequenceState a = Add(scheduler, 1, twoImages, 8);
        SequenceState b = Add(scheduler, 2, PromptBuilder.Text(12, 700), 8);

        Step(scheduler, a, b).ShouldBe((30, 2, 1));
        (a.HoldsMedia(0), a.HoldsMedia(1)).ShouldBe((false, false));
        Step(scheduler, a, b).ShouldBe((25, 7, 1));
        a.NumOutputTokens.ShouldBe(1);
        Step(scheduler, a, b).ShouldBe((1, 3, 0));
        b.NumOutputTokens.ShouldBe(1);
        Step(scheduler, a, b).ShouldBe((1, 1, 0));
    }

    [Fact]
    public void PagedKvPage_ThreeSequencesOverSevenBlocks_HoldTheBlocksOfItsTable()
    {
        var kv = new KvCacheManager(new BlockPool(8), true);
        var scheduler = new Scheduler(new SchedulerLimits(256, 1, 4), kv, new EncoderCache(1));

        SequenceState a = Add(scheduler, 1, PromptBuilder.Text(40), 8);
        Step(scheduler);
        Ids(a).ShouldBe([1, 2, 3]);
        kv.Pool.NumPublished.ShouldBe(2);
        while (a.NumOutputTokens < 8)
        {
            Step(scheduler);
        }

        a.NumComputedTokens.ShouldBe(47);
        scheduler.Finish(a);

        SequenceState b = Add(scheduler, 2, PromptBuilder.Text(40), 20);
        SequenceState c = Add(scheduler, 3, new PromptBuilder().AddText(20).AddText(50, 900).Build(), 20);
        Step(scheduler);
        Ids(b).ShouldBe([1, 2, 3]);
        Ids(c).ShouldBe([1, 4, 5, 6, 7]);
        (b.NumCachedTokens, c.NumCachedTokens).ShouldBe((32, 16));
        kv.Pool.ReferenceCount(1).ShouldBe(2);
        kv.Pool.NumFree.ShouldBe(0);

        while (b.NumKnownTokens < 49)
        {
            Step(scheduler);
        }

        Step(scheduler);
        c.Status.ShouldBe(SequenceStatus.Waiting);
        Ids(b).ShouldBe([1, 2, 3, 7]);

        scheduler.Finish(b);
        SchedulerOutput output = scheduler.Schedule();
        output.Sequences[0].FirstToken.ShouldBe(64);
        Ids(c)[..4].ShouldBe([1, 4, 5, 6]);
    }

    private static SequenceState Add(Scheduler scheduler, long id, ProcessedPrompt prompt, int maxOutput)
    {
        var sequence = new SequenceState(id, prompt, maxOutput, BlockHash.Root("example"));
        scheduler.Add(sequence);
        return sequence;
    }

    private static (int A, int B, int Encoded) Step(Scheduler scheduler, SequenceState a, SequenceState b)
    {
        SchedulerOutput output = Step(scheduler);
        return (
            output.Sequences.Single(entry => entry.Sequence == a).NumTokens,
            output.Sequences.Single(entry => entry.Sequence == b).NumTokens,
            output.MediaToEncode.Count);
    }

    private static SchedulerOutput Step(Scheduler scheduler)
    {
        SchedulerOutput output = scheduler.Schedule();
        scheduler.CheckInvariants();
        scheduler.Advance();
        foreach (ScheduledSequence entry in output.Sequences)
        {
            if (entry.Sequence.NumComputedTokens == entry.Sequence.NumKnownTokens)
            {
                entry.Sequence.Append(42);
            }
        }

        scheduler.CheckInvariants();
        return output;
    }

    private static int[] Ids(SequenceState sequence) => [.. Enumerable.Range(0, sequence.Table.Count).Select(i => sequence.Table[i])];
}
