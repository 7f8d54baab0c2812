using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Tests.Fakes;
using Qwen3VL.TestKit.Fakes;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Qwen3VL.Batch.Tests.Planning;

public sealed class JobPlannerTests(ITestOutputHelper output)
{
    private static readonly JobTask Ocr = JobRecords.Ask(JobTaskKind.Ocr);
    private static readonly JobTask Summary = JobRecords.Ask(JobTaskKind.Summary);
    private static readonly JobTask Events = JobRecords.Ask(JobTaskKind.Events);

    [Fact]
    public async Task PlanAsync_Document_RecordsWhatProbingFound()
    {
        JobPlan plan = await Planner(new MediaInfo("application/pdf", 3, 0, 0, 0)).PlanAsync(JobRecords.Document(null, Ocr), CancellationToken.None);

        plan.Facts.ShouldBe(new SourceFacts(FakeMediaDecoder.File.Sha256, 1, "application/pdf", 3, 0));
        plan.Groups.ShouldHaveSingleItem().Chunks.Select(chunk => (chunk.FirstUnit, chunk.LastUnit)).ShouldBe([(1, 1), (2, 2), (3, 3)]);
    }

    [Fact]
    public void Plan_PageRange_IsCutAtTheDocumentsEnd()
    {
        JobRecord job = JobRecords.Document(new JobOptions { FirstPage = 4, LastPage = 90, PagesPerChunk = 3 }, Ocr);

        Chunks(job, Document(10)).Select(chunk => (chunk.FirstUnit, chunk.LastUnit)).ShouldBe([(4, 6), (7, 9), (10, 10)]);
    }

    [Fact]
    public void Plan_FirstPageBehindTheEnd_IsRefused() =>
        Should.Throw<ContentException>(() => Chunks(JobRecords.Document(new JobOptions { FirstPage = 11 }, Ocr), Document(10)))
            .Code.ShouldBe(ErrorCodes.InvalidCommand);

    [Fact]
    public void Plan_VideoWithEventsAndSummary_MergesAndReducesAtStageOne()
    {
        IReadOnlyList<PlannedChunk> chunks = Chunks(JobRecords.Video(null, Events, Summary), Video(24_000));

        chunks.Select(chunk => (chunk.Kind, chunk.Stage, chunk.FirstUnit, chunk.LastUnit)).ShouldBe(
        [
            (ChunkKind.Window, 0, 0, 10_000),
            (ChunkKind.Window, 0, 7_000, 17_000),
            (ChunkKind.Window, 0, 14_000, 24_000),
            (ChunkKind.Merge, 1, 0, 2),
            (ChunkKind.Reduce, 1, 0, 2),
        ]);
    }

    [Fact]
    public void Plan_VideoJobOnAPdf_IsUnsupported() =>
        Should.Throw<ContentException>(() => Chunks(JobRecords.Video(null, Events), Document(3))).Code.ShouldBe(ErrorCodes.UnsupportedMedia);

    [Fact]
    public void Plan_DocumentJobOnAVideo_IsUnsupported() =>
        Should.Throw<ContentException>(() => Chunks(JobRecords.Document(null, Ocr), Video(5_000))).Code.ShouldBe(ErrorCodes.UnsupportedMedia);

    [Fact]
    public void Plan_EventsOfADocument_AreRefused() =>
        Should.Throw<ContentException>(() => Chunks(JobRecords.Document(null, Events), Document(3))).Code.ShouldBe(ErrorCodes.InvalidCommand);

    [Fact]
    public void Plan_RandomJobs_NumbersChunksAndGroupsWithoutGapsInStageOrder()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int round = 0; round < 100; round++)
        {
            bool video = random.Next(2) == 0;
            var options = new PlanningOptions { ChunksPerGroup = random.Next(1, 12), SummaryFanIn = random.Next(1, 6), PagesPerChunk = random.Next(1, 9) };
            JobRecord job = video
                ? JobRecords.Video(null, Events, Summary)
                : JobRecords.Document(new JobOptions { FirstPage = random.Next(1, 3), PagesPerChunk = random.Next(1, 20) }, Ocr, Summary);
            SourceFacts facts = video ? Video(random.Next(1, 5_000_000)) : Document(random.Next(3, 5_000));
            JobPlanner planner = Planner(new MediaInfo("", 0, 0, 0, 0), options);

            IReadOnlyList<PlannedGroup> groups = planner.Plan(job, facts);

            CheckNumbers(groups, options);
            CheckPages(groups, job, facts);
            planner.Plan(job, facts).SelectMany(group => group.Chunks).ShouldBe(groups.SelectMany(group => group.Chunks));
        }
    }

    private static void CheckNumbers(IReadOnlyList<PlannedGroup> groups, PlanningOptions options)
    {
        groups.Select(group => group.GroupNo).ShouldBe(Enumerable.Range(1, groups.Count));
        PlannedChunk[] chunks = [.. groups.SelectMany(group => group.Chunks)];
        chunks.Select(chunk => chunk.ChunkNo).ShouldBe(Enumerable.Range(0, chunks.Length));
        chunks.Select(chunk => chunk.Stage).ShouldBeInOrder();
        chunks.Select(chunk => chunk.Stage).Distinct().ShouldBe(Enumerable.Range(0, chunks[^1].Stage + 1));
        groups.ShouldAllBe(group => group.Chunks.Count >= 1 && group.Chunks.Count <= options.ChunksPerGroup);
        groups.ShouldAllBe(group => group.Chunks.All(chunk => chunk.Stage == group.Stage));
        chunks[^1].Kind.ShouldBe(ChunkKind.Reduce);
        chunks.Count(chunk => chunk.Stage == chunks[^1].Stage && chunk.Kind == ChunkKind.Reduce).ShouldBe(1);
    }

    private static void CheckPages(IReadOnlyList<PlannedGroup> groups, JobRecord job, SourceFacts facts)
    {
        if (job.Kind == JobKind.Document)
        {
            int first = job.Options.FirstPage ?? 1;
            groups.SelectMany(group => group.Chunks)
                .Where(chunk => chunk.Kind == ChunkKind.Pages)
                .SelectMany(chunk => Enumerable.Range(chunk.FirstUnit, chunk.LastUnit - chunk.FirstUnit + 1))
                .ShouldBe(Enumerable.Range(first, facts.PageCount - first + 1));
        }
    }

    private static SourceFacts Document(int pages) => new("", 1, "application/pdf", pages, 0);

    private static SourceFacts Video(long durationMs) => new("", 1, "video/mp4", 0, durationMs);

    private static IReadOnlyList<PlannedChunk> Chunks(JobRecord job, SourceFacts facts) =>
        [.. Planner(new MediaInfo("", 0, 0, 0, 0)).Plan(job, facts).SelectMany(group => group.Chunks)];

    private static JobPlanner Planner(MediaInfo info, PlanningOptions? options = null)
    {
        var media = new FakeMediaDecoder { Info = info };
        return new JobPlanner(media, media, new FakeInferenceEngine(_ => ""), options ?? new PlanningOptions());
    }
}
