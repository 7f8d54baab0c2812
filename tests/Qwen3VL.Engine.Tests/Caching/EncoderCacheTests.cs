using Qwen3VL.Engine.Caching;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Caching;

public sealed class EncoderCacheTests
{
    [Fact]
    public void Release_LastUser_KeepsTheItemUntilItsRoomIsNeeded()
    {
        var cache = new EncoderCache(10);
        var evicted = new List<ContentHash>();
        cache.Reserve(Item(1), 6, evicted);
        cache.Release(Item(1));
        cache.Contains(Item(1)).ShouldBeTrue();
        cache.Reserve(Item(2), 4, evicted);
        evicted.ShouldBeEmpty();
        cache.Reserve(Item(3), 3, evicted);
        evicted.ShouldBe([Item(1)]);
        cache.HeldRows.ShouldBe(7);
    }

    [Fact]
    public void Reserve_NeedsRoom_EvictsTheOldestFreeableFirst()
    {
        var cache = new EncoderCache(10);
        var evicted = new List<ContentHash>();
        cache.Reserve(Item(1), 5, evicted);
        cache.Reserve(Item(2), 5, evicted);
        cache.Release(Item(2));
        cache.Release(Item(1));
        cache.Reserve(Item(3), 5, evicted);
        evicted.ShouldBe([Item(2)]);
    }

    [Fact]
    public void HasRoom_UsedItems_AreNeverEvicted()
    {
        var cache = new EncoderCache(10);
        cache.Reserve(Item(1), 8, []);
        cache.HasRoom(3, 0).ShouldBeFalse();
        cache.HasRoom(2, 0).ShouldBeTrue();
        cache.HasRoom(2, 1).ShouldBeFalse();
    }

    [Fact]
    public void HasRoom_LargerThanTheCapacity_OnlyAlone()
    {
        var cache = new EncoderCache(10);
        cache.HasRoom(25, 0).ShouldBeTrue();
        cache.HasRoom(25, 1).ShouldBeFalse();
        cache.Reserve(Item(1), 25, []);
        cache.HasRoom(1, 0).ShouldBeFalse();
    }

    [Fact]
    public void Acquire_FreeableItem_IsUsedAgain()
    {
        var cache = new EncoderCache(10);
        cache.Reserve(Item(1), 8, []);
        cache.Release(Item(1));
        cache.UsedRows.ShouldBe(0);
        cache.Acquire(Item(1));
        cache.UsedRows.ShouldBe(8);
        cache.CheckInvariants(new Dictionary<ContentHash, int> { [Item(1)] = 1 });
    }

    [Fact]
    public void Release_WithoutUsers_Throws()
    {
        var cache = new EncoderCache(10);
        cache.Reserve(Item(1), 8, []);
        cache.Release(Item(1));
        Should.Throw<EngineInvariantException>(() => cache.Release(Item(1)));
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Operations_InRandomOrder_KeepInvariants(int seed)
    {
        var random = new Random(seed);
        var cache = new EncoderCache(40);
        var users = new Dictionary<ContentHash, int>();
        var evicted = new List<ContentHash>();
        for (int step = 0; step < 3_000; step++)
        {
            ContentHash item = Item(random.Next(8));
            int rows = 3 + (int)item.A;
            if (random.Next(2) == 0 && users.GetValueOrDefault(item) > 0)
            {
                cache.Release(item);
                users[item]--;
            }
            else if (cache.Contains(item))
            {
                cache.Acquire(item);
                users[item] = users.GetValueOrDefault(item) + 1;
            }
            else if (cache.HasRoom(rows, 0))
            {
                cache.Reserve(item, rows, evicted);
                users[item] = 1;
            }

            evicted.ShouldAllBe(gone => users.GetValueOrDefault(gone) == 0, $"seed {seed} step {step}");
            evicted.Clear();
            cache.HeldRows.ShouldBeLessThanOrEqualTo(40, $"seed {seed} step {step}");
            cache.CheckInvariants(users.Where(entry => entry.Value > 0).ToDictionary());
        }
    }

    private static ContentHash Item(int number) => new((ulong)number, 7, 7, 7);
}
