using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Cpu;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Cpu;

public sealed class CpuKvCacheTests
{
    [Theory]
    [InlineData(64, 64)]
    [InlineData(72, 80)]
    [InlineData(2, 16)]
    public void SizeBytes_AnyHead_IsWhatTheBackendHoldsPaddingIncluded(int headDim, int paddedHeadDim)
    {
        var shape = new KvCacheShape(Layers: 3, Blocks: 5, KvHeads: 2, HeadDim: headDim);
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        backend.KvBytesPerToken(shape).ShouldBe(2L * 3 * 2 * paddedHeadDim * sizeof(float));
        using KvCache cache = backend.CreateKvCache(shape);
        cache.SizeBytes.ShouldBe(backend.KvBytesPerToken(shape) * 5 * KvCacheShape.BlockTokens);
        backend.Statistics.KvBytes.ShouldBe(cache.SizeBytes);
    }
}
