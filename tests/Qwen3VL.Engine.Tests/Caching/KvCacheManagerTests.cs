using Qwen3VL.Engine.Caching;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Caching;

public sealed class KvCacheManagerTests
{
    private static readonly BlockHash Root = BlockHash.Root("test");

    [Fact]
    public void TryAdmit_FreshPool_TakesBlocksInOrderAndNeverTheNullBlock()
    {
        var kv = new KvCacheManager(new BlockPool(5), true);
        var table = new BlockTable();
        Admit(kv, table, NewChain(), new int[33]).ShouldBe(0);
        Ids(table).ShouldBe([1, 2, 3]);
        table.Slot(17).ShouldBe((2 * 16) + 1);
        kv.CheckInvariants([table]);
    }

    [Fact]
    public void TryGrow_NoRoom_ReturnsFalseAndChangesNothing()
    {
        var kv = new KvCacheManager(new BlockPool(3), true);
        var table = new BlockTable();
        Admit(kv, table, NewChain(), new int[16]);
        kv.TryGrow(table, 48).ShouldBeFalse();
        table.Count.ShouldBe(1);
        kv.Pool.NumFree.ShouldBe(1);
    }

    [Theory]
    [InlineData(15, 0)]
    [InlineData(16, 0)] // One token must be left to compute.
    [InlineData(17, 16)]
    [InlineData(32, 16)]
    [InlineData(33, 32)]
    public void FindCachedPrefix_SamePromptAgain_LeavesOneTokenToCompute(int numTokens, int expected)
    {
        var kv = new KvCacheManager(new BlockPool(20), true);
        int[] tokens = [.. Enumerable.Range(0, numTokens)];
        RunAndFree(kv, NewChain(), tokens);
        kv.FindCachedPrefix(NewChain(), tokens).ShouldBe(expected);
    }

    [Fact]
    public void FindCachedPrefix_CacheSwitchedOff_IsZero()
    {
        var kv = new KvCacheManager(new BlockPool(20), false);
        int[] tokens = [.. Enumerable.Range(0, 64)];
        RunAndFree(kv, NewChain(), tokens);
        kv.FindCachedPrefix(NewChain(), tokens).ShouldBe(0);
        kv.Pool.NumPublished.ShouldBe(0);
    }

    [Fact]
    public void FindCachedPrefix_SameTokensOtherImage_StopsAtTheImagesFirstBlock()
    {
        var kv = new KvCacheManager(new BlockPool(20), true);
        int[] tokens = [.. Enumerable.Repeat(3, 100)];
        RunAndFree(kv, NewChain(new MediaRun(new ContentHash(1, 0, 0, 0), 40, 30, 0)), tokens);
        kv.FindCachedPrefix(NewChain(new MediaRun(new ContentHash(2, 0, 0, 0), 40, 30, 0)), tokens).ShouldBe(32);
        kv.FindCachedPrefix(NewChain(new MediaRun(new ContentHash(1, 0, 0, 0), 40, 30, 0)), tokens).ShouldBe(96);
    }

    [Fact]
    public void Free_LongPrefix_EvictsItsEndFirst()
    {
        var kv = new KvCacheManager(new BlockPool(5), true);
        int[] tokens = [.. Enumerable.Range(0, 64)];
        RunAndFree(kv, NewChain(), tokens);

        // Two of four blocks are taken by other content: the first two of the prefix must survive.
        var other = new BlockTable();
        Admit(kv, other, NewChain(), [.. Enumerable.Range(500, 32)]);
        kv.FindCachedPrefix(NewChain(), tokens).ShouldBe(32);
    }

    [Fact]
    public void TryAdmit_HitsLieInTheFreeQueue_AreNotCountedTwice()
    {
        var kv = new KvCacheManager(new BlockPool(4), true);
        int[] tokens = [.. Enumerable.Range(0, 33)];
        RunAndFree(kv, NewChain(), tokens);
        var first = new BlockTable();
        Admit(kv, first, NewChain(), tokens).ShouldBe(32);
        first.Count.ShouldBe(3);
        kv.Pool.NumFree.ShouldBe(0);
        var second = new BlockTable();
        kv.FindCachedPrefix(NewChain(), tokens).ShouldBe(32);
        kv.TryAdmit(second, 33).ShouldBeFalse();
        kv.CheckInvariants([first, second]);
    }

    [Fact]
    public void Publish_TwoSequencesComputedTheSame_KeepsTheFirstBlockOnly()
    {
        var kv = new KvCacheManager(new BlockPool(10), true);
        int[] tokens = [.. Enumerable.Range(0, 17)];
        var a = new BlockTable();
        var b = new BlockTable();
        BlockHashChain chain = NewChain();
        Admit(kv, a, chain, tokens);
        Admit(kv, b, NewChain(), tokens);
        kv.Publish(a, chain, tokens, 17);
        kv.Publish(b, chain, tokens, 17);
        kv.Pool.NumPublished.ShouldBe(1);
        kv.Pool.TryFind(chain[0, tokens], out int blockId).ShouldBeTrue();
        blockId.ShouldBe(a[0]);
        kv.CheckInvariants([a, b]);
    }

    [Theory]
    [InlineData(11, true)]
    [InlineData(12, true)]
    [InlineData(13, false)]
    public void Operations_InRandomOrder_KeepInvariantsAndNeverReturnForeignContent(int seed, bool usePrefixCache)
    {
        var random = new Random(seed);
        var kv = new KvCacheManager(new BlockPool(24), usePrefixCache);
        var content = new string[24];
        var live = new List<(BlockTable Table, BlockHashChain Chain, int[] Tokens)>();
        for (int step = 0; step < 3_000; step++)
        {
            if (random.Next(3) > 0 || live.Count == 0)
            {
                int[] tokens = RandomTokens(random);
                var table = new BlockTable();
                BlockHashChain chain = NewChain();
                int cached = kv.FindCachedPrefix(chain, tokens);
                for (int block = 0; block < cached / 16; block++)
                {
                    kv.Pool.TryFind(chain[block, tokens], out int blockId).ShouldBeTrue();
                    content[blockId].ShouldBe(Prefix(tokens, block), $"seed {seed} step {step}");
                }

                if (kv.TryAdmit(table, tokens.Length))
                {
                    for (int block = cached / 16; block < table.Count; block++)
                    {
                        content[table[block]] = Prefix(tokens, block);
                    }

                    kv.Publish(table, chain, tokens, tokens.Length);
                    live.Add((table, chain, tokens));
                }
            }
            else
            {
                int index = random.Next(live.Count);
                kv.Free(live[index].Table);
                live.RemoveAt(index);
            }

            kv.CheckInvariants(live.Select(entry => entry.Table));
        }

        live.ForEach(entry => kv.Free(entry.Table));
        kv.Pool.NumFree.ShouldBe(23);
    }

    private static int[] RandomTokens(Random random)
    {
        // Few alphabets and lengths, so that prefixes repeat.
        int length = random.Next(1, 90);
        int fork = random.Next(4) * 16;
        int tail = random.Next(3);
        return [.. Enumerable.Range(0, length).Select(i => i < fork ? i : i + (1_000 * tail))];
    }

    private static string Prefix(int[] tokens, int block) => string.Join(',', tokens.Take((block + 1) * 16));

    private static BlockHashChain NewChain(params MediaRun[] runs) => new(Root, runs);

    private static int Admit(KvCacheManager kv, BlockTable table, BlockHashChain chain, int[] tokens)
    {
        int cached = kv.FindCachedPrefix(chain, tokens);
        kv.TryAdmit(table, tokens.Length).ShouldBeTrue();
        return cached;
    }

    private static void RunAndFree(KvCacheManager kv, BlockHashChain chain, int[] tokens)
    {
        var table = new BlockTable();
        Admit(kv, table, chain, tokens);
        kv.Publish(table, chain, tokens, tokens.Length);
        kv.Free(table);
        kv.CheckInvariants([]);
    }

    private static int[] Ids(BlockTable table) => [.. Enumerable.Range(0, table.Count).Select(i => table[i])];
}
