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
    [Fact]
    public void Allocate_BesideOnesThatAreRefused_HasItsRoom()
    {
        long tooMuch = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        using var stop = new CancellationTokenSource();
        using var refused = new ManualResetEventSlim();
        var refusing = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    NativeBuffer.Allocate(tooMuch).Dispose();
                }
                catch (InsufficientMemoryException)
                {
                    refused.Set();
                }
            }
        });
        refusing.Start();
        try
        {
            refused.Wait(TimeSpan.FromSeconds(30)).ShouldBeTrue();
            for (int round = 0; round < 100_000; round++)
            {
                NativeBuffer.Allocate(16).Dispose();
            }
        }
        finally
        {
            stop.Cancel();
            refusing.Join();
        }
    }
}
