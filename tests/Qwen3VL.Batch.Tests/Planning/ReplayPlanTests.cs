using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Tests.Fakes;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Planning;

public sealed class ReplayPlanTests
{
    // Eight parts, fan-in 4: two reductions, then the whole.
    private static readonly PlannedChunk[] Pages =
    [
        .. Enumerable.Range(0, 8).Select(no => new PlannedChunk(no, ChunkKind.Pages, 0, no + 3, no + 3)),
        new(8, ChunkKind.Reduce, 1, 0, 3),
        new(9, ChunkKind.Reduce, 1, 4, 7),
        new(10, ChunkKind.Reduce, 2, 0, 7),
    ];

    private static readonly PlannedChunk[] Windows =
    [
        .. Enumerable.Range(0, 4).Select(no => new PlannedChunk(no, ChunkKind.Window, 0, no * 1_000, (no + 1) * 1_000)),
        new(4, ChunkKind.Merge, 1, 0, 3),
        new(5, ChunkKind.Reduce, 1, 0, 3),
    ];

    [Theory]
    [InlineData(new[] { 5 }, new[] { 5, 9, 10 })]
    [InlineData(new[] { 3, 4 }, new[] { 3, 4, 8, 9, 10 })]
    [InlineData(new[] { 8 }, new[] { 8, 10 })]
    [InlineData(new[] { 10 }, new[] { 10 })]
    [InlineData(new[] { 0, 77 }, new[] { 0, 8, 10 })]
    public void Groups_Pages_HoldTheNamedChunksAndWhatReadsThem(int[] named, int[] expected) =>
        Numbers(Document(named), Pages).ShouldBe(expected);

    [Theory]
    [InlineData(new[] { 2 }, new[] { 2, 4, 5 })]
    [InlineData(new[] { 4 }, new[] { 4 })]
    [InlineData(new[] { 5 }, new[] { 5 })]
    public void Groups_Windows_HoldTheNamedChunksAndWhatReadsThem(int[] named, int[] expected) =>
        Numbers(JobRecords.Video() with { ReplayChunks = named }, Windows).ShouldBe(expected);

    [Fact]
    public void Groups_NothingNamed_HoldAll() => Numbers(Document(null), Pages).ShouldBe(Enumerable.Range(0, 11));

    [Fact]
    public void Groups_Chunks_StayAsTheyWere() =>
        ReplayPlan.Groups(Document([5]), Pages, 8).SelectMany(group => group.Chunks).ShouldBe([Pages[5], Pages[9], Pages[10]]);

    [Fact]
    public void Groups_AnyChoice_AreRangesOfOneStageInOrder()
    {
        for (int choice = 1; choice < 1 << Pages.Length; choice++)
        {
            int[] named = [.. Enumerable.Range(0, Pages.Length).Where(no => (choice & (1 << no)) != 0)];

            IReadOnlyList<PlannedGroup> groups = ReplayPlan.Groups(Document(named), Pages, 3);

            groups.Select(group => group.GroupNo).ShouldBe(Enumerable.Range(1, groups.Count));
            groups.Select(group => group.Stage).ShouldBeInOrder();
            groups.ShouldAllBe(group => group.Chunks.Count <= 3
                && group.Chunks.Max(chunk => chunk.ChunkNo) - group.Chunks.Min(chunk => chunk.ChunkNo) == group.Chunks.Count - 1
                && group.Chunks.All(chunk => chunk.Stage == group.Stage));
            named.Except(groups.SelectMany(group => group.Chunks).Select(chunk => chunk.ChunkNo)).ShouldBeEmpty();
        }
    }

    [Fact]
    public void Groups_FewerPagesAChunk_CutsItAndNumbersOnBehindTheJobsOwn()
    {
        PlannedChunk[] chunks = [new(0, ChunkKind.Pages, 0, 1, 4), new(1, ChunkKind.Pages, 0, 5, 8), new(2, ChunkKind.Reduce, 1, 0, 7)];
        JobRecord job = JobRecords.Document(new JobOptions { PagesPerChunk = 2 }) with { ReplayChunks = [1] };

        IReadOnlyList<PlannedGroup> groups = ReplayPlan.Groups(job, chunks, 8);

        groups.SelectMany(group => group.Chunks).ShouldBe(
            [new PlannedChunk(1, ChunkKind.Pages, 0, 5, 6), new PlannedChunk(3, ChunkKind.Pages, 0, 7, 8), new PlannedChunk(2, ChunkKind.Reduce, 1, 0, 7)]);
        groups.Count.ShouldBe(3);
    }

    [Fact]
    public void Groups_NoneOfTheChunks_IsRefused()
    {
        ContentException exception = Should.Throw<ContentException>(() => ReplayPlan.Groups(Document([99]), Pages, 8));

        exception.Code.ShouldBe(ErrorCodes.InvalidCommand);
    }

    private static JobRecord Document(int[]? named) => JobRecords.Document(new JobOptions { FirstPage = 3 }) with { ReplayChunks = named };

    private static int[] Numbers(JobRecord job, IReadOnlyList<PlannedChunk> chunks) =>
        [.. ReplayPlan.Groups(job, chunks, 8).SelectMany(group => group.Chunks).Select(chunk => chunk.ChunkNo).Order()];
}
