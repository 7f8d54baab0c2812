using Qwen3VL.Engine.Caching;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Scheduling;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Qwen3VL.Engine.Tests.Scheduling;

/// <summary>
/// Random arrivals, steps and aborts against a model of the device: which slot holds the key of which prefix, and which encoder outputs
/// exist. Every token the scheduler counts as computed must really be there, with the content of its own prefix.
/// </summary>
public sealed class SchedulerRandomTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, true, 12)]
    [InlineData(2, true, 20)]
    [InlineData(3, false, 12)]
    [InlineData(4, true, 60)]
    [InlineData(5, true, 11)]
    public void Steps_InRandomOrder_KeepInvariantsAndFinishEverything(int seed, bool prefixCache, int numBlocks)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var kv = new KvCacheManager(new BlockPool(numBlocks), prefixCache);
        var scheduler = new Scheduler(new SchedulerLimits(24, 10, 5), kv, new EncoderCache(14));
        var device = new DeviceModel(numBlocks);
        var live = new List<SequenceState>();
        long nextId = 0;
        int preemptions = 0;
        for (int step = 0; step < 2_500; step++)
        {
            bool closing = step > 2_000;
            if (!closing && live.Count < 9 && random.Next(3) == 0)
            {
                var sequence = new SequenceState(++nextId, RandomPrompt(random), random.Next(1, 40), BlockHash.Root("test"));
                scheduler.Add(sequence);
                live.Add(sequence);
            }

            if (live.Count > 0 && random.Next(25) == 0)
            {
                SequenceState aborted = live[random.Next(live.Count)];
                scheduler.Finish(aborted);
                live.Remove(aborted);
                scheduler.CheckInvariants();
            }

            SchedulerOutput scheduled = scheduler.Schedule();
            scheduler.CheckInvariants();
            preemptions += scheduled.Preempted.Count;
            scheduled.NumTokens.ShouldBeLessThanOrEqualTo(24);
            device.Run(scheduled);
            scheduler.Advance();
            foreach (ScheduledSequence entry in scheduled.Sequences.ToList())
            {
                if (entry.Sequence.NumComputedTokens == entry.Sequence.NumKnownTokens)
                {
                    entry.Sequence.Append(random.Next(50));
                    if (entry.Sequence.NumOutputTokens == entry.Sequence.MaxOutputTokens)
                    {
                        scheduler.Finish(entry.Sequence);
                        live.Remove(entry.Sequence);
                    }
                }
            }

            scheduler.CheckInvariants();
        }

        live.ShouldBeEmpty($"seed {seed}: everything must finish");
        kv.Pool.NumFree.ShouldBe(numBlocks - 1);
        output.WriteLine($"{nextId} sequences, {preemptions} preemptions");
        if (numBlocks <= 12)
        {
            preemptions.ShouldBeGreaterThan(0, "the small pool must show preemption");
        }
    }

    private static ProcessedPrompt RandomPrompt(Random random)
    {
        var builder = new PromptBuilder().AddText(random.Next(1, 40), 100 * random.Next(2));
        int numMedia = random.Next(3);
        for (int i = 0; i < numMedia; i++)
        {
            int content = random.Next(5);
            _ = content < 3
                ? builder.AddImage(5 + content, content)
                : builder.AddClip(3, content, 2, content);
            builder.AddText(random.Next(0, 9));
        }

        return builder.AddText(1 + random.Next(4)).Build();
    }

    /// <summary>Plays the runner: writes a name of each token's whole prefix to its slot and reads back all slots it attends to.</summary>
    private sealed class DeviceModel(int numBlocks)
    {
        private readonly string?[] _slots = new string?[numBlocks * KvBlock.Tokens];
        private readonly HashSet<ContentHash> _encoded = [];

        public void Run(SchedulerOutput scheduled)
        {
            scheduled.EvictedMedia.ForEach(content => _encoded.Remove(content).ShouldBeTrue("an evicted output must exist"));
            scheduled.MediaToEncode.ForEach(media => _encoded.Add(media.Content).ShouldBeTrue("an item must be encoded once"));
            foreach (ScheduledSequence entry in scheduled.Sequences)
            {
                SequenceState sequence = entry.Sequence;
                int end = entry.FirstToken + entry.NumTokens;
                foreach (MediaSpan span in sequence.Prompt.Spans.Where(span => span.Offset < end && span.Offset + span.Length > entry.FirstToken))
                {
                    _encoded.ShouldContain(sequence.Media[span.MediaIndex].Content);
                }

                for (int token = entry.FirstToken; token < end; token++)
                {
                    _slots[sequence.Table.Slot(token)] = Name(sequence, token);
                }

                for (int token = 0; token < end; token++)
                {
                    _slots[sequence.Table.Slot(token)].ShouldBe(Name(sequence, token), $"sequence {sequence.Id} token {token}");
                }
            }
        }

        private static string Name(SequenceState sequence, int token)
        {
            var hash = new HashCode();
            for (int i = 0; i <= token; i++)
            {
                hash.Add(sequence.KnownTokenIds[i]);
            }

            foreach (MediaSpan span in sequence.Prompt.Spans.Where(span => span.Offset <= token))
            {
                hash.Add(sequence.Media[span.MediaIndex].Content);
                hash.Add(span.Offset);
                hash.Add(span.FirstRow);
            }

            return $"{token}:{hash.ToHashCode()}";
        }
    }
}
