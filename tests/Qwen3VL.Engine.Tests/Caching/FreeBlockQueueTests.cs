using Qwen3VL.Engine.Caching;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Caching;

public sealed class FreeBlockQueueTests
{
    [Fact]
    public void TryPopHead_Empty_ReturnsFalse() => new FreeBlockQueue(4).TryPopHead(out _).ShouldBeFalse();

    [Fact]
    public void Remove_FromTheMiddle_KeepsTheOrderOfTheRest()
    {
        var queue = new FreeBlockQueue(5);
        queue.PushTail(1);
        queue.PushTail(2);
        queue.PushTail(3);
        queue.PushHead(4);
        queue.Remove(2);
        queue.CheckInvariants();
        Drain(queue).ShouldBe([4, 1, 3]);
    }

    [Fact]
    public void PushTail_OfAQueuedBlock_Throws()
    {
        var queue = new FreeBlockQueue(3);
        queue.PushTail(1);
        Should.Throw<EngineInvariantException>(() => queue.PushTail(1));
    }

    [Fact]
    public void Remove_OfAnAbsentBlock_Throws() => Should.Throw<EngineInvariantException>(() => new FreeBlockQueue(3).Remove(1));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Operations_InRandomOrder_AgreeWithAList(int seed)
    {
        const int capacity = 12;
        var random = new Random(seed);
        var queue = new FreeBlockQueue(capacity);
        var model = new List<int>();
        for (int step = 0; step < 2_000; step++)
        {
            int blockId = random.Next(capacity);
            if (model.Contains(blockId))
            {
                queue.Remove(blockId);
                model.Remove(blockId);
            }
            else if (random.Next(3) == 0)
            {
                queue.TryPopHead(out int popped).ShouldBe(model.Count > 0);
                if (model.Count > 0)
                {
                    popped.ShouldBe(model[0]);
                    model.RemoveAt(0);
                }
            }
            else if (random.Next(2) == 0)
            {
                queue.PushHead(blockId);
                model.Insert(0, blockId);
            }
            else
            {
                queue.PushTail(blockId);
                model.Add(blockId);
            }

            queue.CheckInvariants();
            queue.Count.ShouldBe(model.Count);
        }

        Drain(queue).ShouldBe(model);
    }

    private static List<int> Drain(FreeBlockQueue queue)
    {
        var order = new List<int>();
        while (queue.TryPopHead(out int blockId))
        {
            order.Add(blockId);
        }

        return order;
    }
}
