using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Jobs;

public sealed class SubmitJobValidatorTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly SubmitJob Document = new()
    {
        IdempotencyKey = "key",
        Kind = JobKind.Document,
        Source = new JobSource { Uri = "a.pdf" },
        Tasks = [new JobTask { Kind = JobTaskKind.Ocr }],
    };

    private static readonly SubmitJob Video = Document with
    {
        Kind = JobKind.Video,
        Tasks = [new JobTask { Kind = JobTaskKind.Events }, new JobTask { Kind = JobTaskKind.Summary }],
    };

    public static TheoryData<string, string> WrongDocuments => new()
    {
        { nameof(SubmitJob.SchemaVersion), "schemaVersion" },
        { nameof(SubmitJob.TenantId), "tenantId" },
        { nameof(SubmitJob.Priority), "priority" },
        { nameof(SubmitJob.DeadlineAt), "deadlineAt" },
        { "key empty", "idempotencyKey" },
        { "key long", "idempotencyKey" },
        { "key NUL", "idempotencyKey" },
        { "key surrogate", "idempotencyKey" },
        { "uri empty", "source.uri" },
        { "uri newline", "source.uri" },
        { "uri credentials", "source.uri must be a path or an absolute http or https URL" },
        { "sha upper", "source.sha256" },
        { "no tasks", "tasks must hold 1..8" },
        { "task twice", "tasks must hold each kind once" },
        { "events", "tasks must fit the kind" },
        { "first page 0", "options.firstPage" },
        { "last before first", "options.lastPage" },
        { "dpi", "options.dpi" },
        { "pages per chunk", "options.pagesPerChunk" },
        { "fps on a document", "options.framesPerSecond must be left out" },
        { "window on a document", "options.windowSeconds must be left out" },
        { "overlap on a document", "options.overlapSeconds must be left out" },
        { "max pixels", "options.maxPixels" },
        { "output tokens", "options.maxOutputTokens" },
        { "temperature", "options.temperature" },
        { "temperature NaN", "options.temperature" },
        { "top p", "options.topP" },
        { "top k", "options.topK" },
        { "seed", "options.seed" },
        { "labels without grounding", "labels must be empty" },
        { "grounding without labels", "labels must hold 1..32" },
        { "33 labels", "labels must hold 1..32" },
        { "label with a quote", "labels[0]" },
        { "label with a newline", "labels[0]" },
        { "label too long", "labels[0]" },
        { "blank label", "labels[0]" },
    };

    [Theory]
    [MemberData(nameof(WrongDocuments))]
    public void Validate_OneFieldWrong_NamesThatFieldOnly(string what, string field)
    {
        IReadOnlyList<string> problems = SubmitJobValidator.Validate(Wrong(what), new PlanningOptions(), Now);

        problems.Count.ShouldBe(1, string.Join(" | ", problems));
        problems[0].ShouldContain(field);
    }

    [Fact]
    public void Validate_PlainJobs_FindsNothing()
    {
        SubmitJob all = Document with
        {
            IdempotencyKey = new string('k', 200),
            Source = new JobSource { Uri = "scans/März \U0001F600.pdf", Sha256 = new string('a', 64) },
            Tasks =
            [
                new JobTask { Kind = JobTaskKind.Ocr }, new JobTask { Kind = JobTaskKind.Spotting }, new JobTask { Kind = JobTaskKind.Caption },
                new JobTask { Kind = JobTaskKind.Summary }, new JobTask { Kind = JobTaskKind.Grounding, Labels = [.. Enumerable.Repeat(new string('l', 100), 32)] },
            ],
            Options = new JobOptions { FirstPage = 3, LastPage = 3, Dpi = 600, PagesPerChunk = 64, Temperature = 0, TopP = 1, TopK = 1, Seed = 0, MaxOutputTokens = 1 },
            Priority = 9,
            DeadlineAt = Now.AddSeconds(1),
        };

        SubmitJobValidator.Validate(Document, new PlanningOptions(), Now).ShouldBeEmpty();
        SubmitJobValidator.Validate(Video, new PlanningOptions(), Now).ShouldBeEmpty();
        SubmitJobValidator.Validate(all, new PlanningOptions(), Now).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0.0, null, null, "options.framesPerSecond")]
    [InlineData(double.NaN, null, null, "options.framesPerSecond")]
    [InlineData(61.0, null, null, "options.framesPerSecond")]
    [InlineData(null, 0.5, null, "options.windowSeconds")]
    [InlineData(null, null, 5.0, "options.overlapSeconds")]
    [InlineData(null, 8.0, 4.0, "options.overlapSeconds")]
    [InlineData(null, null, -1.0, "options.overlapSeconds")]
    public void Validate_WrongVideoOption_NamesIt(double? rate, double? window, double? overlap, string field)
    {
        SubmitJob command = Video with { Options = new JobOptions { FramesPerSecond = rate, WindowSeconds = window, OverlapSeconds = overlap } };

        SubmitJobValidator.Validate(command, new PlanningOptions { WindowSeconds = 10 }, Now).ShouldHaveSingleItem().ShouldContain(field);
    }

    [Fact]
    public void Validate_SeveralFieldsWrong_NamesAllOfThem()
    {
        SubmitJob command = Document with { Priority = 10, Tasks = [new JobTask { Kind = JobTaskKind.Events, Labels = ["x"] }], Options = new JobOptions { Dpi = 1 } };

        SubmitJobValidator.Validate(command, new PlanningOptions(), Now).Count.ShouldBe(4);
    }

    private static SubmitJob Wrong(string what) => what switch
    {
        nameof(SubmitJob.SchemaVersion) => Document with { SchemaVersion = 2 },
        nameof(SubmitJob.TenantId) => Document with { TenantId = -1 },
        nameof(SubmitJob.Priority) => Document with { Priority = 10 },
        nameof(SubmitJob.DeadlineAt) => Document with { DeadlineAt = Now },
        "key empty" => Document with { IdempotencyKey = "" },
        "key long" => Document with { IdempotencyKey = new string('k', 201) },
        "key NUL" => Document with { IdempotencyKey = "a\0" },
        "key surrogate" => Document with { IdempotencyKey = "a\ud800" },
        "uri empty" => Document with { Source = new JobSource { Uri = "" } },
        "uri credentials" => Document with { Source = new JobSource { Uri = "https://user:hidden@store.example.org/a.pdf" } },
        "uri newline" => Document with { Source = new JobSource { Uri = "a\nb" } },
        "sha upper" => Document with { Source = new JobSource { Uri = "a", Sha256 = new string('A', 64) } },
        "no tasks" => Document with { Tasks = [] },
        "task twice" => Document with { Tasks = [new JobTask { Kind = JobTaskKind.Ocr }, new JobTask { Kind = JobTaskKind.Ocr }] },
        "events" => Document with { Tasks = [new JobTask { Kind = JobTaskKind.Events }] },
        "labels without grounding" => Document with { Tasks = [new JobTask { Kind = JobTaskKind.Ocr, Labels = ["x"] }] },
        "grounding without labels" => Grounding([]),
        "33 labels" => Grounding([.. Enumerable.Repeat("x", 33)]),
        "label with a quote" => Grounding(["red \"circle"]),
        "label with a newline" => Grounding(["red\ncircle"]),
        "label too long" => Grounding([new string('l', 101)]),
        "blank label" => Grounding([" "]),
        _ => Document with { Options = WrongOptions(what) },
    };

    private static SubmitJob Grounding(IReadOnlyList<string> labels) => Document with { Tasks = [new JobTask { Kind = JobTaskKind.Grounding, Labels = labels }] };

    private static JobOptions WrongOptions(string what) => what switch
    {
        "first page 0" => new JobOptions { FirstPage = 0 },
        "last before first" => new JobOptions { FirstPage = 4, LastPage = 3 },
        "dpi" => new JobOptions { Dpi = 35 },
        "pages per chunk" => new JobOptions { PagesPerChunk = 65 },
        "fps on a document" => new JobOptions { FramesPerSecond = 1 },
        "window on a document" => new JobOptions { WindowSeconds = 10 },
        "overlap on a document" => new JobOptions { OverlapSeconds = 1 },
        "max pixels" => new JobOptions { MaxPixels = 1 },
        "output tokens" => new JobOptions { MaxOutputTokens = 0 },
        "temperature" => new JobOptions { Temperature = -0.1 },
        "temperature NaN" => new JobOptions { Temperature = double.NaN },
        "top p" => new JobOptions { TopP = 0 },
        "top k" => new JobOptions { TopK = 0 },
        "seed" => new JobOptions { Seed = -1 },
        _ => throw new ArgumentOutOfRangeException(nameof(what), what, null),
    };
}
