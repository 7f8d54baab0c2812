using Qwen3VL.Engine.Processing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Processing;

public sealed class ClipPruningTests
{
    private const double Rate = 0.5;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Positions_OfARandomPrompt_AreThoseOfTheReferenceRepair(int seed)
    {
        var random = new Random(seed);
        var layout = new RandomMediaPrompt(random);
        ProcessedPrompt pruned = layout.Prune(Rate);
        int[][] kept = [.. pruned.PrunedClips.Select(clip => layout.RandomRows(clip, random))];

        (int[] ids, int[] positions) = Resolved(pruned, kept);
        (int[] expectedIds, int[] expectedPositions, int expectedDelta) = PositionRepair.Run(layout, Rate, pruned.PrunedClips, kept);

        ids.ShouldBe(expectedIds, $"seed {seed}");
        positions.ShouldBe(expectedPositions, $"seed {seed}");
        pruned.PositionDelta.ShouldBe(expectedDelta, $"seed {seed}");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Prompt_OfAnyKeptRows_DiffersInsideTheRangesOnly(int seed)
    {
        var random = new Random(seed);
        var layout = new RandomMediaPrompt(random);
        ProcessedPrompt pruned = layout.Prune(Rate);
        (int[] ids, int[] positions) = Resolved(pruned, [.. pruned.PrunedClips.Select(clip => layout.RandomRows(clip, random))]);
        for (int token = 0; token < ids.Length; token++)
        {
            if (pruned.PrunedClips.Any(clip => token >= clip.Offset && token < clip.Offset + clip.Length))
            {
                continue;
            }

            pruned.TokenIds[token].ShouldBe(ids[token], $"seed {seed}, token {token}");
            for (int axis = 0; axis < 3; axis++)
            {
                pruned.Positions[(axis * ids.Length) + token].ShouldBe(positions[(axis * ids.Length) + token], $"seed {seed}, token {token}");
            }
        }

        // The same tokens in another order: what counts tokens (penalties) sees no difference.
        pruned.TokenIds.Order().ShouldBe(ids.Order(), $"seed {seed}");
        CheckSpans(layout, pruned, seed);
    }

    [Fact]
    public void Resolve_RowsThatDoNotAscend_IsRefused()
    {
        ProcessedPrompt pruned = new RandomMediaPrompt(clipGrids: [new GridThw(3, 4, 4)]).Prune(Rate);
        PrunedClip clip = pruned.PrunedClips.ShouldHaveSingleItem();
        Should.Throw<EngineInvariantException>(() => clip.Resolve([0, 1, 2, 3, 5, 4]));
        Should.Throw<EngineInvariantException>(() => clip.Resolve([0, 1, 2]));
    }

    [Fact]
    public void Hashes_OfAClip_TellWhatDecidesItsTokens()
    {
        PrunedClip clip = Single(Rate, "0.5", "1.5", "2.5");
        PrunedClip otherTimes = Single(Rate, "0.5", "1.5", "3.5");
        PrunedClip otherRate = Single(0.4, "0.5", "1.5", "2.5");
        otherTimes.EncoderHash.ToArray().ShouldBe(clip.EncoderHash.ToArray());
        otherTimes.LayoutHash.ToArray().ShouldNotBe(clip.LayoutHash.ToArray());
        otherRate.EncoderHash.ToArray().ShouldNotBe(clip.EncoderHash.ToArray());
        otherRate.LayoutHash.ToArray().ShouldNotBe(clip.LayoutHash.ToArray());
        Single(Rate, "0.5", "1.5", "2.5").LayoutHash.ToArray().ShouldBe(clip.LayoutHash.ToArray());

        static PrunedClip Single(double rate, params string[] times) =>
            new RandomMediaPrompt(clipGrids: [new GridThw(3, 4, 4)], times).Prune(rate).PrunedClips[0];
    }

    private static void CheckSpans(RandomMediaPrompt layout, ProcessedPrompt pruned, int seed)
    {
        foreach (MediaSpan span in pruned.Spans.Where(span => pruned.FindPruned(span.MediaIndex) is null))
        {
            int id = layout.IsClip(span.MediaIndex) ? RandomMediaPrompt.VideoPad : RandomMediaPrompt.ImagePad;
            pruned.TokenIds[span.Offset..(span.Offset + span.Length)].ShouldAllBe(token => token == id, $"seed {seed}");
            pruned.TokenIds[span.Offset - 1].ShouldBe(RandomMediaPrompt.VisionStart, $"seed {seed}");
            pruned.TokenIds[span.Offset + span.Length].ShouldBe(RandomMediaPrompt.VisionEnd, $"seed {seed}");
        }
    }

    /// <summary>The prompt as it runs: ranges of pruned clips filled for the kept rows.</summary>
    private static (int[] Ids, int[] Positions) Resolved(ProcessedPrompt pruned, int[][] kept)
    {
        int[] ids = [.. pruned.TokenIds];
        int[] positions = [.. pruned.Positions];
        for (int i = 0; i < kept.Length; i++)
        {
            PrunedClip clip = pruned.PrunedClips[i];
            PrunedClipTokens tokens = clip.Resolve(kept[i]);
            tokens.TokenIds.CopyTo(ids, clip.Offset);
            for (int axis = 0; axis < 3; axis++)
            {
                tokens.Positions.AsSpan(axis * clip.Length, clip.Length).CopyTo(positions.AsSpan((axis * ids.Length) + clip.Offset));
            }

            tokens.Rows.Where(row => row >= 0).ShouldBe(Enumerable.Range(0, clip.NumKeptRows));
        }

        return (ids, positions);
    }
}
