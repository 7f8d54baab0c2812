using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Execution;
using Qwen3VL.Engine.Models;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Cpu;

public sealed class DecodeAllocationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Forward_DecodeStepAfterWarmUp_AllocatesNothing(int threads)
    {
        string folder = Goldens.Path("models", "dense-tied");
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = threads });
        using Qwen3VLModel model = Qwen3VLModel.Load(folder, ModelConfig.Load(folder), backend, CancellationToken.None);
        using KvCache cache = model.CreateKvCache(4);
        var batch = new ForwardBatch
        {
            NumTokens = 2,
            TokenIds = [1, 2],
            Positions = [5, 9, 5, 9, 5, 9],
            Slots = [16, 32],
            Attention = new AttentionBatch(2, [0, 1, 2], [1, 1], [[1], [2]]),
            Vision = [],
            LogitRows = [0, 1],
        };
        float[] logits = new float[2 * model.Config.Text.VocabularySize];
        for (int i = 0; i < 50; i++)
        {
            model.Forward(batch, cache, logits);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            model.Forward(batch, cache, logits);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }
}
