using Qwen3VL.Batch.Faults.Figures;
using Qwen3VL.Batch.Faults.Scenarios;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Figures;

public sealed class ReliabilityPageTests
{
    private static readonly LastRun[] Runs =
    [
        new LastRun("F1", true, 12.3, 9) { At = DateTimeOffset.UnixEpoch, Commit = "abc", Tier = "full" },
        new LastRun("F3", false, 4, 9) { At = DateTimeOffset.UnixEpoch, Commit = "abc", Tier = "fast" },
        new LastRun("F28", true, 0, 9) { At = DateTimeOffset.UnixEpoch, Commit = "abc", Tier = "full", Skipped = "no library" },
    ];

    [Fact]
    public void Render_OneFigureAnew_KeepsTheOthers()
    {
        Reliability numbers = new Reliability().With(Result("kills", "old kills")).With(Result("claim", "old claims")).With(Result("kills", "new kills"));

        string page = ReliabilityPage.Render(numbers);

        page.ShouldContain("new kills");
        page.ShouldContain("old claims");
        page.ShouldNotContain("old kills");
    }

    [Fact]
    public void Render_NothingMeasured_SaysSoOfEveryFigure() =>
        FigureCatalogue.All.ShouldAllBe(figure => ReliabilityPage.Render(new Reliability()).Contains($"Not measured yet: `ops/faults --report --only {figure.Id}`."));

    [Fact]
    public void Render_Results_StandBesideTheirScenarios()
    {
        string page = ReliabilityPage.Render(new Reliability().WithFaults(Runs));

        page.ShouldContain("| fast | passed in 12 s (seed 9, full, 01-01 00:00, abc) |");
        page.ShouldContain("| fast | FAILED in 4 s (seed 9, fast, 01-01 00:00, abc) |");
        page.ShouldContain("| full | skipped: no library (seed 9, full, 01-01 00:00, abc) |");
        Catalogue.All.ShouldAllBe(scenario => page.Contains($"| {scenario.Id} |"));
        FaultTable.All.ShouldAllBe(fault => page.Contains($"| {fault.Id} |"));
    }

    [Fact]
    public void Render_BarInAText_DoesNotBreakTheTable() =>
        ReliabilityPage.Render(new Reliability().With(Result("kills", "a|b"))).ShouldContain("a\\|b");

    private static FigureResult Result(string id, string value) =>
        new(id, "ops/faults --report", DateTimeOffset.UnixEpoch, "abc", 1, [new FigureRow("number", value, "one")]);
}
