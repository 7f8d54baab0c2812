using Qwen3VL.Engine.Caching;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Execution;
using Qwen3VL.Engine.Models;
using Qwen3VL.Engine.Sampling;
using Qwen3VL.Engine.Scheduling;
using Qwen3VL.Engine.Tests.Scheduling;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Execution;

public sealed class DecodeAllocationTests
{
    [Fact]
    public void DecodeStep_InsideABlockAfterWarmUp_AllocatesNothingOnTheEngineThread()
    {
        var limits = new SchedulerLimits(64, 64, 4);
        ModelConfig config = ModelConfig.Load(RepositoryPaths.TinyModel);
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        using var runner = new ModelRunner(Qwen3VLModel.Load(RepositoryPaths.TinyModel, config, backend, default), 40, limits);
        var scheduler = new Scheduler(limits, new KvCacheManager(new BlockPool(40), true), new EncoderCache(64));
        var sampler = new Sampler(config.Text.VocabularySize, config.Text.VocabularySize);
        SequenceState[] sequences = [.. Enumerable.Range(1, 3).Select(id => new SequenceState(id, PromptBuilder.Text(16, 20 * id), 60, BlockHash.Root("test")))];
        Array.ForEach(sequences, scheduler.Add);

        // Known tokens after the warm-up: 16 + 20 = 36. The next ten stay inside the block of tokens 32 to 47.
        for (int step = 0; step < 20; step++)
        {
            Step();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 0; step < 10; step++)
        {
            Step();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        sequences.ShouldAllBe(sequence => sequence.NumOutputTokens == 30);

        void Step()
        {
            SchedulerOutput scheduled = scheduler.Schedule();
            StepLogits logits = runner.Run(scheduled);
            scheduler.Advance();
            int row = 0;
            foreach (ScheduledSequence entry in scheduled.Sequences)
            {
                SequenceState sequence = entry.Sequence;
                if (sequence.NumComputedTokens == sequence.NumKnownTokens)
                {
                    sequence.Append(sampler.Sample(logits.Row(row++), SamplingParameters.Greedy, sequence.KnownTokenIds, sequence.NumPromptTokens));
                }
            }
        }
    }
}
