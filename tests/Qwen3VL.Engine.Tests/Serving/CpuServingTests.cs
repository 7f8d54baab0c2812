using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Contract.Serving;
using Qwen3VL.Engine.Cpu;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Serving;

public sealed class CpuServingTests : ServingContract
{
    // One thread: test classes run beside each other, and spinning teams would take the processors from one another.
    protected override IBackend CreateBackend() => new CpuBackend(new CpuBackendOptions { Threads = 1 });

    [Fact]
    public async Task Batch_OnTwoThreads_EqualsOneThreadToTheLastBit()
    {
        var settings = new ServingSettings { TokenBudget = 64, PrefixCache = true };
        IReadOnlyList<ServedAnswer> one = await RunAsync(threads: 1, settings);
        IReadOnlyList<ServedAnswer> two = await RunAsync(threads: 2, settings);
        for (int answer = 0; answer < one.Count; answer++)
        {
            two[answer].Result.OutputTokenIds.ShouldBe(one[answer].Result.OutputTokenIds);
            for (int row = 0; row < one[answer].Logits.Count; row++)
            {
                two[answer].Logits[row].AsSpan().SequenceEqual(one[answer].Logits[row]).ShouldBeTrue($"answer {answer}, token {row}");
            }
        }
    }

    private static async Task<IReadOnlyList<ServedAnswer>> RunAsync(int threads, ServingSettings settings)
    {
        using var harness = new ServingHarness(new CpuBackend(new CpuBackendOptions { Threads = threads }), settings);
        return await harness.RunAsync(TinyRequests.Line, TinyRequests.Clip, TinyRequests.Text);
    }
}
