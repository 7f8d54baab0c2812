using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Worker.Submission;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Worker.Submission;

public sealed class ManifestReaderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("qwen3vl-manifest-").FullName;

    public ManifestReaderTests()
    {
        File.WriteAllText(Path.Combine(_root, "a.pdf"), "%PDF-");
        File.WriteAllText(Path.Combine(_root, "b.pdf"), "%PDF-");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Read_Lines_GiveWorkInOrderWithDefaults()
    {
        IReadOnlyList<RequestedWork> work = await ReadAsync("""
            # a comment

            {"source":{"uri":"a.pdf"}}
            {"source":{"uri":"b.pdf"},"kind":"document","tasks":[{"kind":"grounding","labels":["red circle"]}],"options":{"lastPage":3},"idempotencyKey":"k","priority":9}
            """);

        work.Count.ShouldBe(2);
        work[0].Tasks.ShouldBeEmpty();
        work[0].Priority.ShouldBe(5);
        work[1].Source.Uri.ShouldBe("b.pdf");
        work[1].Tasks[0].Kind.ShouldBe(JobTaskKind.Grounding);
        work[1].Tasks[0].Labels.ShouldBe(["red circle"]);
        work[1].Options.LastPage.ShouldBe(3);
        work[1].Key.ShouldBe("k");
    }

    [Fact]
    public async Task Read_WrongLines_AreAllNamedWithTheirNumbers()
    {
        InvalidWorkException problems = await Should.ThrowAsync<InvalidWorkException>(ReadAsync("""
            {"source":{"uri":"a.pdf"}}
            not json
            {"source":{"uri":"missing.pdf"}}
            {"kind":"document"}
            {"source":{"uri":"a.pdf"},"tasks":[{"kind":"paint"}]}
            """));

        problems.Problems.Select(problem => problem.Split(' ')[0]).ShouldBe(["jobs.jsonl:2:", "jobs.jsonl:3:", "jobs.jsonl:4:", "jobs.jsonl:5:"]);
    }

    [Fact]
    public async Task Read_KeyForSeveralFiles_IsRefused() =>
        (await Should.ThrowAsync<InvalidWorkException>(ReadAsync("""{"source":{"uri":"*.pdf"},"idempotencyKey":"k"}"""))).Problems.ShouldHaveSingleItem();

    [Fact]
    public async Task Read_Hash_IsPassedOn() =>
        (await ReadAsync("""{"source":{"uri":"https://store.example.org/a.pdf","sha256":"abc"}}""")).ShouldHaveSingleItem().Sha256.ShouldBe("abc");

    [Fact]
    public async Task Read_Pattern_GivesOneWorkForEachFile() => (await ReadAsync("""{"source":{"uri":"*.pdf"}}""")).Count.ShouldBe(2);

    private Task<IReadOnlyList<RequestedWork>> ReadAsync(string text) =>
        new ManifestReader(new SourceSelection(_root, _root)).ReadAsync(new StringReader(text), "jobs.jsonl", CancellationToken.None);
}
