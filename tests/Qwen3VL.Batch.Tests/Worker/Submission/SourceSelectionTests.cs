using Qwen3VL.Batch.Worker.Commands;
using Qwen3VL.Batch.Worker.Submission;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Worker.Submission;

public sealed class SourceSelectionTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("qwen3vl-sources-").FullName;
    private readonly SourceSelection _selection;

    public SourceSelectionTests()
    {
        Directory.CreateDirectory(Path.Combine(_root, "in", "deep"));
        foreach (string name in new[] { "a.pdf", "in/b.png", "in/notes.txt", "in/deep/c.mp4" })
        {
            File.WriteAllText(Path.Combine(_root, name), "x");
        }

        _selection = new SourceSelection(_root, Path.Combine(_root, "in"));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Select_FileBelowRoot_HasTheRelativeName() => Names("a.pdf").ShouldBe(["a.pdf"]);

    [Fact]
    public void Select_AbsolutePathBelowRoot_BecomesRelative() => Names(Path.Combine(_root, "in", "b.png")).ShouldBe(["in/b.png"]);

    [Fact]
    public void Select_NameInCurrentFolder_IsFound() => Names("b.png").ShouldBe(["in/b.png"]);

    [Fact]
    public void Select_Folder_GivesItsMediaAtAnyDepthByName() => Names("in").ShouldBe(["in/b.png", "in/deep/c.mp4"]);

    [Theory]
    [InlineData("**/*.mp4", "in/deep/c.mp4")]
    [InlineData("in/*.png", "in/b.png")]
    [InlineData("*.pdf", "a.pdf")]
    public void Select_Pattern_GivesWhatMatches(string pattern, string expected) => Names(pattern).ShouldBe([expected]);

    [Fact]
    public void Select_AbsolutePattern_GivesWhatMatches() => Names(_root + "/in/*.png").ShouldBe(["in/b.png"]);

    [Fact]
    public void Select_SameFileTwice_IsTakenOnce() => Names("a.pdf", "./a.pdf", "*.pdf").ShouldBe(["a.pdf"]);

    [Fact]
    public void Select_Url_StaysAsItIsAndNeedsNoRoot()
    {
        SourceSelection rootless = new("", _root);

        rootless.Select(["https://store.example.org/*.pdf?x=1", "https://store.example.org/*.pdf?x=1"]).ShouldBe([new SelectedSource("https://store.example.org/*.pdf?x=1", Path: null)]);
        Should.Throw<CommandException>(() => rootless.Select(["a.pdf"])).Message.ShouldContain("Media:SourceRoot");
    }

    [Theory]
    [InlineData("missing.pdf")]
    [InlineData("*.nothing")]
    [InlineData("/etc/hostname")]
    [InlineData("../../etc/hostname")]
    public void Select_NothingOrOutsideRoot_IsAUsageError(string name) =>
        Should.Throw<CommandException>(() => Names(name)).ExitCode.ShouldBe(ExitCodes.Usage);

    private IEnumerable<string> Names(params string[] names) => _selection.Select(names).Select(source => source.Uri);
}
