using Qwen3VL.Batch.Faults.Figures;
using Qwen3VL.Batch.Faults.Runs;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Figures;

public sealed class ReportOptionsTests
{
    [Fact]
    public void Parse_AllOptions_AreRead()
    {
        ReportOptions options = ReportOptions.Parse(["--out", "/tmp/page.md", "--sizes", "small", "--only", "kills, claim", "--results", "/tmp/a.json", "--commit", "abc", "--seed", "3"]);

        options.ShouldSatisfyAllConditions(
            read => read.Numbers.ShouldBe("/tmp/page.json"),
            read => read.Sizes.ShouldBe("small"),
            read => read.Figures.Select(figure => figure.Id).ShouldBe(["kills", "claim"]),
            read => read.Results.ShouldBe(["/tmp/a.json"]),
            read => read.Commit.ShouldBe("abc"),
            read => read.Seed.ShouldBe(3));
    }

    [Fact]
    public void Parse_NoFigures_MeansAll() => ReportOptions.Parse(["--out", "a.md"]).Figures.ShouldBe(FigureCatalogue.All);

    [Fact]
    public void Parse_OnlyNone_MeansThePageAlone() => ReportOptions.Parse(["--out", "a.md", "--only", "none"]).Figures.ShouldBeEmpty();

    [Theory]
    [InlineData]
    [InlineData("--out")]
    [InlineData("--out", "a.md", "--seed", "x")]
    [InlineData("--out", "a.md", "--what", "x")]
    public void Parse_WrongWords_AreRefused(params string[] words) => Should.Throw<UsageException>(() => ReportOptions.Parse(words));

    [Theory]
    [InlineData("--sizes", "huge")]
    [InlineData("--only", "speed")]
    public void Parse_UnknownNames_AreRefused(string option, string value) =>
        Should.Throw<ArgumentException>(() => ReportOptions.Parse(["--out", "a.md", option, value])).Message.ShouldContain(value);
}
