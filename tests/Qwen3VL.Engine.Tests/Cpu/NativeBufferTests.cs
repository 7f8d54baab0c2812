using Qwen3VL.Engine.Cpu.Memory;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Cpu;

public sealed class NativeBufferTests
{
    [Fact]
    public void Allocate_BesideLiveBuffersThatLeaveNoRoom_ThrowsWithTheBytes()
    {
        // The pages are never touched: the system gives addresses only.
        long half = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / sizeof(float) / 2;
        using (NativeBuffer first = NativeBuffer.Allocate(half))
        {
            first.Length.ShouldBe(half);
            Should.Throw<InsufficientMemoryException>(() => NativeBuffer.Allocate(half + (1 << 20)))
                .Message.ShouldContain($"{(half + (1 << 20)) * sizeof(float)}");
        }

        using NativeBuffer second = NativeBuffer.Allocate(half);
        second.IsInvalid.ShouldBeFalse();
    }
}
