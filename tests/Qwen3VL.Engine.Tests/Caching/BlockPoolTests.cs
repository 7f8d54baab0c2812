using Qwen3VL.Engine.Caching;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Caching;

public sealed class BlockPoolTests
{
    [Fact]
    public void TryAllocate_AllTaken_ReturnsFalse()
    {
        var pool = new BlockPool(2);
        pool.TryAllocate(out int blockId).ShouldBeTrue();
        blockId.ShouldBe(1);
        pool.TryAllocate(out _).ShouldBeFalse();
        pool.CheckInvariants();
    }

    [Fact]
    public void Release_WithoutContent_IsReusedBeforeContent()
    {
        var pool = new BlockPool(3);
        pool.TryAllocate(out int published);
        pool.TryAllocate(out int plain);
        pool.Publish(published, BlockHash.Root("x"));
        pool.Release(published);
        pool.Release(plain);
        pool.TryAllocate(out int first).ShouldBeTrue();
        first.ShouldBe(plain);
        pool.NumPublished.ShouldBe(1);
        pool.TryAllocate(out int second).ShouldBeTrue();
        second.ShouldBe(published);
        pool.NumPublished.ShouldBe(0);
        pool.CheckInvariants();
    }

    [Fact]
    public void Touch_FreeBlock_LeavesTheQueueAndKeepsItsContent()
    {
        var pool = new BlockPool(2);
        BlockHash hash = BlockHash.Root("x");
        pool.TryAllocate(out int blockId);
        pool.Publish(blockId, hash);
        pool.Release(blockId);
        pool.Touch(blockId);
        pool.NumFree.ShouldBe(0);
        pool.TryFind(hash, out int found).ShouldBeTrue();
        found.ShouldBe(blockId);
        pool.CheckInvariants();
    }

    [Fact]
    public void Release_Twice_Throws()
    {
        var pool = new BlockPool(2);
        pool.TryAllocate(out int blockId);
        pool.Release(blockId);
        Should.Throw<EngineInvariantException>(() => pool.Release(blockId));
    }

    [Fact]
    public void Release_NullBlock_Throws() => Should.Throw<EngineInvariantException>(() => new BlockPool(2).Release(BlockPool.NullBlock));

    [Fact]
    public void Publish_FreeBlock_Throws() => Should.Throw<EngineInvariantException>(() => new BlockPool(2).Publish(1, BlockHash.Root("x")));
}
