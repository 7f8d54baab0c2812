using Qwen3VL.Engine.Caching;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Caching;

public sealed class BlockHashTests
{
    private static readonly BlockHash Root = BlockHash.Root("model f32");
    private static readonly int[] Tokens = [.. Enumerable.Range(0, 16)];
    private static readonly ContentHash ImageA = new(1, 2, 3, 4);
    private static readonly ContentHash ImageB = new(1, 2, 3, 5);

    [Fact]
    public void Chain_SameInputs_IsEqual() =>
        BlockHash.Chain(Root, Tokens, 16, [new MediaRun(ImageA, 20, 30, 0)])
            .ShouldBe(BlockHash.Chain(Root, Tokens, 16, [new MediaRun(ImageA, 20, 30, 0)]));

    [Fact]
    public void Chain_OtherModelOrDtype_Differs() =>
        BlockHash.Chain(BlockHash.Root("model bf16"), Tokens, 0, []).ShouldNotBe(BlockHash.Chain(Root, Tokens, 0, []));

    [Fact]
    public void Chain_OtherParent_Differs() =>
        BlockHash.Chain(BlockHash.Chain(Root, Tokens, 0, []), Tokens, 0, []).ShouldNotBe(BlockHash.Chain(Root, Tokens, 0, []));

    [Fact]
    public void Chain_OneOtherToken_Differs()
    {
        int[] other = [.. Tokens];
        other[15]++;
        BlockHash.Chain(Root, other, 0, []).ShouldNotBe(BlockHash.Chain(Root, Tokens, 0, []));
    }

    [Fact]
    public void Chain_OtherImage_Differs() =>
        BlockHash.Chain(Root, Tokens, 0, [new MediaRun(ImageB, 4, 12, 0)]).ShouldNotBe(BlockHash.Chain(Root, Tokens, 0, [new MediaRun(ImageA, 4, 12, 0)]));

    [Fact]
    public void Chain_SameImageElsewhereInTheBlock_Differs() =>
        BlockHash.Chain(Root, Tokens, 0, [new MediaRun(ImageA, 5, 12, 0)]).ShouldNotBe(BlockHash.Chain(Root, Tokens, 0, [new MediaRun(ImageA, 4, 12, 0)]));

    [Fact]
    public void Chain_OtherFrameOfTheSameClip_Differs() =>
        BlockHash.Chain(Root, Tokens, 0, [new MediaRun(ImageA, 4, 12, 15)]).ShouldNotBe(BlockHash.Chain(Root, Tokens, 0, [new MediaRun(ImageA, 4, 12, 0)]));

    [Fact]
    public void Chain_PartBlock_Throws() => Should.Throw<EngineInvariantException>(() => BlockHash.Chain(Root, Tokens.AsSpan(1), 0, []));

    [Fact]
    public void ChainOfASequence_ImageOverTwoBlocks_ChangesBothAndAllLaterBlocks()
    {
        int[] tokens = [.. Enumerable.Repeat(7, 80)];
        var a = new BlockHashChain(Root, [new MediaRun(ImageA, 20, 20, 0)]);
        var b = new BlockHashChain(Root, [new MediaRun(ImageB, 20, 20, 0)]);
        a[0, tokens].ShouldBe(b[0, tokens]);
        for (int block = 1; block < 5; block++)
        {
            a[block, tokens].ShouldNotBe(b[block, tokens]);
        }
    }

    [Fact]
    public void ChainOfASequence_BlockNotFull_Throws() =>
        Should.Throw<EngineInvariantException>(() => new BlockHashChain(Root, [])[1, new int[31]]);
}
