using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Tests.Fakes;
using Qwen3VL.Engine;
using Qwen3VL.TestKit.Fakes;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Pipeline.Executors;

public sealed class PagesExecutorTests
{
    private const string Boxes = """[{"bbox_2d": [0, 0, 500, 1000], "label": "red circle"}]""";

    private static readonly PlannedChunk TwoPages = new(0, ChunkKind.Pages, 0, 4, 5);
    private static readonly JobTask[] AllTasks =
    [
        JobRecords.Ask(JobTaskKind.Ocr),
        JobRecords.Ask(JobTaskKind.Spotting),
        JobRecords.Ask(JobTaskKind.Caption),
        JobRecords.Ask(JobTaskKind.Grounding, "red circle"),
        JobRecords.Ask(JobTaskKind.Summary),
    ];

    [Fact]
    public async Task ExecuteAsync_AllTasks_StoresEveryKindOfResult()
    {
        var harness = new ExecutorHarness(Answer);

        ChunkResult result = await harness.RunAsync(JobRecords.Document(new JobOptions { FirstPage = 2 }, AllTasks), TwoPages);

        result.Pages.ShouldBe([Page(4), Page(5)]);
        result.Captions.ShouldBe([new CaptionResult(4, "A red circle."), new CaptionResult(5, "A red circle.")]);
        result.SummaryParts.ShouldBe([new SummaryPart(0, 2, "A red circle."), new SummaryPart(0, 3, "A red circle.")]);
        result.Boxes.Select(box => (box.PageNo, box.Task, box.Pixels)).ShouldBe(
        [
            (4, JobTaskKind.Spotting, new BoxEdges(0, 0, 200, 200)),
            (4, JobTaskKind.Grounding, new BoxEdges(0, 0, 200, 200)),
            (5, JobTaskKind.Spotting, new BoxEdges(0, 0, 200, 200)),
            (5, JobTaskKind.Grounding, new BoxEdges(0, 0, 200, 200)),
        ]);
        result.Issues.ShouldBeEmpty();
        result.Usage.ShouldBe(new ChunkUsage(8, 80, 32, 24, 40, 16_000));
    }

    [Fact]
    public async Task ExecuteAsync_Requests_PutThePictureBeforeThePromptAndFollowTheOptions()
    {
        var harness = new ExecutorHarness(_ => "text");
        var options = new JobOptions { Dpi = 72, MaxPixels = 100_000, MaxOutputTokens = 99, Temperature = 0.5, TopK = 7, TopP = 0.9, Seed = 3 };

        await harness.RunAsync(JobRecords.Document(options, JobRecords.Ask(JobTaskKind.Ocr)), TwoPages);

        GenerationRequest request = harness.Engine.Requests[0];
        request.Messages.ShouldHaveSingleItem().Parts.Select(part => part.GetType()).ShouldBe([typeof(ImagePart), typeof(TextPart)]);
        request.MaxOutputTokens.ShouldBe(99);
        (request.Sampling with { Seed = 0 }).ShouldBe(new SamplingParameters { Temperature = 0.5, TopK = 7, TopP = 0.9 });
        request.ImageBounds.ShouldBe(new ImageBounds(4096, 100_000, 32));
        harness.Decoder.LastPageRequest.ShouldNotBeNull().ShouldBe(new(72, 4096, 100_000, 32));
    }

    [Fact]
    public async Task ExecuteAsync_JobThatNamesSomeSampling_TakesTheRestFromTheModel()
    {
        var model = new SamplingParameters { Temperature = 0.7, TopK = 20, TopP = 0.8, RepetitionPenalty = 1.05, PresencePenalty = 1.5 };
        var harness = new ExecutorHarness(_ => "text", model);

        await harness.RunAsync(JobRecords.Document(new JobOptions { TopK = 7 }, JobRecords.Ask(JobTaskKind.Ocr)), TwoPages);

        (harness.Engine.Requests[0].Sampling with { Seed = 0 }).ShouldBe(model with { TopK = 7 });
    }

    [Fact]
    public async Task ExecuteAsync_Seeds_DifferByPageAndTaskAndRepeat()
    {
        ulong[] first = await SeedsAsync();
        ulong[] second = await SeedsAsync();

        first.Distinct().Count().ShouldBe(8);
        second.Order().ShouldBe(first.Order());

        static async Task<ulong[]> SeedsAsync()
        {
            var harness = new ExecutorHarness(Answer);
            await harness.RunAsync(JobRecords.Document(null, AllTasks), TwoPages);
            return [.. harness.Engine.Requests.Select(request => request.Sampling.Seed)];
        }
    }

    [Fact]
    public async Task ExecuteAsync_OneUnreadableAnswer_IsAnIssueAndTheRestStands()
    {
        var harness = new ExecutorHarness(prompt => prompt == Prompts.Ocr ? "hello" : "no boxes here");

        ChunkResult result = await harness.RunAsync(JobRecords.Document(null, AllTasks[0], AllTasks[1]), TwoPages with { LastUnit = 4 });

        result.Pages.ShouldHaveSingleItem().Text.ShouldBe("hello");
        result.Issues.ShouldHaveSingleItem().ShouldBe(
            new ParseIssue(4, JobTaskKind.Spotting, ErrorCodes.OutputUnreadable, "answer must hold a JSON list of objects; got none", "no boxes here"));
    }

    [Fact]
    public async Task ExecuteAsync_NoReadableAnswer_FailsWithTheRawAnswersAsEvidence()
    {
        var harness = new ExecutorHarness(_ => "no boxes here");

        ContentException failure = await Should.ThrowAsync<ContentException>(() => harness.RunAsync(JobRecords.Document(null, AllTasks[1]), TwoPages));

        failure.Code.ShouldBe(ErrorCodes.OutputUnreadable);
        failure.Evidence.Issues.Select(issue => (issue.Unit, issue.RawText)).ShouldBe([(4, "no boxes here"), (5, "no boxes here")]);
        failure.Evidence.Usage.Requests.ShouldBe(2);
    }

    [Fact]
    public async Task ExecuteAsync_TextCutAtTheLimit_IsKeptAndMarked()
    {
        var harness = new ExecutorHarness(_ => new FakeAnswer("so far so", FinishReason.Length));

        ChunkResult result = await harness.RunAsync(JobRecords.Document(null, AllTasks[0]), TwoPages with { LastUnit = 4 });

        PageResult page = result.Pages.ShouldHaveSingleItem();
        (page.Text, page.Truncated).ShouldBe(("so far so", true));
        result.Issues.ShouldHaveSingleItem().Code.ShouldBe(ErrorCodes.OutputTruncated);
    }

    [Fact]
    public async Task ExecuteAsync_BoxesCutAtTheLimit_KeepTheCompleteOnes()
    {
        var harness = new ExecutorHarness(_ => new FakeAnswer("""[{"bbox_2d": [0, 0, 5, 5], "label": "a"}, {"bbox""", FinishReason.Length));

        ChunkResult result = await harness.RunAsync(JobRecords.Document(null, AllTasks[1]), TwoPages with { LastUnit = 4 });

        result.Boxes.ShouldHaveSingleItem();
        result.Issues.ShouldHaveSingleItem().Code.ShouldBe(ErrorCodes.OutputTruncated);
    }

    [Fact]
    public async Task ExecuteAsync_RefusedRequest_FailsTheChunk()
    {
        var harness = new ExecutorHarness(_ => new FakeAnswer("", Refused: new InvalidRequestException("prompt must fit; got 9 tokens")));

        ContentException failure = await Should.ThrowAsync<ContentException>(() => harness.RunAsync(JobRecords.Document(null, AllTasks), TwoPages));

        (failure.Code, failure.Message).ShouldBe((ErrorCodes.RequestRefused, "prompt must fit; got 9 tokens"));
    }

    [Fact]
    public async Task ExecuteAsync_OneRequestRefused_AbortsTheOthers()
    {
        var harness = new ExecutorHarness(prompt => prompt switch
        {
            Prompts.Ocr => "text",
            Prompts.Spotting => new FakeAnswer("", Hangs: true),
            _ => new FakeAnswer("", Refused: new InvalidRequestException("no")),
        });

        await Should.ThrowAsync<ContentException>(() => harness.RunAsync(JobRecords.Document(null, AllTasks), TwoPages with { LastUnit = 4 }));

        harness.Engine.Aborted.ShouldBe(1);
    }

    [Fact]
    public async Task ExecuteAsync_Cancelled_AbortsWhatIsInTheEngine()
    {
        using var cancellation = new CancellationTokenSource();
        var harness = new ExecutorHarness(_ => new FakeAnswer("", Hangs: true));
        Task<ChunkResult> running = harness.RunAsync(JobRecords.Document(null, AllTasks), TwoPages, cancellationToken: cancellation.Token);

        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => running);
        harness.Engine.Aborted.ShouldBe(2);
    }

    private static FakeAnswer Answer(string prompt) => prompt switch
    {
        Prompts.Ocr => "text",
        Prompts.DescribeImage => "A red circle.",
        _ => Boxes,
    };

    private static PageResult Page(int pageNo) => new(pageNo, 400, 200, 90, 300, 150, "text", Truncated: false, "image");
}
