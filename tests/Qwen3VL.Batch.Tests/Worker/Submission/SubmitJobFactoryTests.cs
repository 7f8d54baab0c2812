using System.Security.Cryptography;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Worker.Commands;
using Qwen3VL.Batch.Worker.Submission;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Worker.Submission;

public sealed class SubmitJobFactoryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("qwen3vl-factory-").FullName;
    private readonly ManualTime _time = new();

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Create_Document_HasHashKindAndUsualTasks()
    {
        SubmitJob job = await CreateAsync(Work("a.pdf", "%PDF-1.4 hello"));

        job.Kind.ShouldBe(JobKind.Document);
        job.Source.Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData("%PDF-1.4 hello"u8)));
        job.Tasks.ShouldHaveSingleItem().Kind.ShouldBe(JobTaskKind.Ocr);
        SubmitJobValidator.Validate(job, new PlanningOptions(), _time.GetUtcNow()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Create_SameWorkLater_HasTheSameKey()
    {
        SubmitJob first = await CreateAsync(Work("a.pdf", "%PDF-1"));
        _time.Advance(TimeSpan.FromDays(1));
        SubmitJob second = await CreateAsync(Work("a.pdf", "%PDF-1"));

        second.IdempotencyKey.ShouldBe(first.IdempotencyKey);
    }

    [Fact]
    public async Task Create_SameWorkAgain_HasAKeyOfItsOwn()
    {
        RequestedWork work = Work("a.pdf", "%PDF-1") with { Again = true };
        SubmitJob first = await CreateAsync(work);
        _time.Advance(TimeSpan.FromSeconds(1));

        (await CreateAsync(work)).IdempotencyKey.ShouldNotBe(first.IdempotencyKey);
        (await CreateAsync(work with { Again = false })).IdempotencyKey.ShouldNotBe(first.IdempotencyKey);
        (await CreateAsync(work with { Key = "mine" })).IdempotencyKey.ShouldBe("mine");
    }

    [Fact]
    public async Task Create_OtherContentTaskOrOption_HasAnotherKey()
    {
        RequestedWork work = Work("a.pdf", "%PDF-1");
        string[] keys =
        [
            (await CreateAsync(work)).IdempotencyKey,
            (await CreateAsync(work with { Tasks = [new JobTask { Kind = JobTaskKind.Caption }] })).IdempotencyKey,
            (await CreateAsync(work with { Options = new JobOptions { Dpi = 100 } })).IdempotencyKey,
            (await CreateAsync(Work("a.pdf", "%PDF-2"))).IdempotencyKey,
        ];

        keys.ShouldBeUnique();
    }

    [Fact]
    public async Task Create_UnknownContent_IsAUsageError() =>
        (await Should.ThrowAsync<CommandException>(CreateAsync(Work("notes.txt", "hello")))).ExitCode.ShouldBe(ExitCodes.Usage);

    [Theory]
    [InlineData("https://store.example.org/a.PDF?sig=1", null, JobKind.Document)]
    [InlineData("https://store.example.org/clip.mp4", null, JobKind.Video)]
    [InlineData("https://store.example.org/download", JobKind.Video, JobKind.Video)]
    [InlineData("https://store.example.org/a.pdf", JobKind.Video, JobKind.Video)]
    public async Task Create_Url_HasItsKindAndIsNotFetched(string url, JobKind? said, JobKind kind)
    {
        SubmitJob job = await CreateAsync(new RequestedWork { Source = new SelectedSource(url, Path: null), Kind = said, Sha256 = new string('a', 64) });

        (job.Kind, job.Source.Uri, job.Source.Sha256).ShouldBe((kind, url, new string('a', 64)));
        SubmitJobValidator.Validate(job, new PlanningOptions(), _time.GetUtcNow()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("https://store.example.org/download?sig=secret")]
    [InlineData("https://user:secret@store.example.org/a.pdf")]
    public async Task Create_UrlThatSaysTooLittleOrTooMuch_IsAUsageErrorWithoutItsSecrets(string url)
    {
        CommandException exception = await Should.ThrowAsync<CommandException>(
            CreateAsync(new RequestedWork { Source = new SelectedSource(url, Path: null) }));

        exception.ExitCode.ShouldBe(ExitCodes.Usage);
        exception.Message.ShouldNotContain("secret");
    }

    private Task<SubmitJob> CreateAsync(RequestedWork work) => new SubmitJobFactory(3, _time).CreateAsync(work, CancellationToken.None);

    private RequestedWork Work(string name, string content)
    {
        string path = Path.Combine(_root, name);
        File.WriteAllText(path, content);
        return new RequestedWork { Source = new SelectedSource(name, path) };
    }
}
