using Qwen3VL.Batch.Faults.Controls;
using Qwen3VL.Batch.Faults.Runs;
using Qwen3VL.Batch.Faults.Scenarios;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Scenarios;

public sealed class CatalogueTests
{
    [Fact]
    public void All_Ids_AreDistinct() => Catalogue.All.Select(scenario => scenario.Id).ShouldBeUnique();

    [Fact]
    public void Select_NumberOfSeveral_TakesThemAll() => Catalogue.Select(Tier.Fast, ["F2"]).Count.ShouldBe(11);

    [Fact]
    public void Select_UnknownName_IsRefused() => Should.Throw<ArgumentException>(() => Catalogue.Select(Tier.Fast, ["F99"])).Message.ShouldContain("F99");

    [Fact]
    public void FaultTable_Rows_AreF1ToF38InOrder() =>
        FaultTable.All.Select(row => row.Id).ShouldBe(Enumerable.Range(1, 38).Select(number => $"F{number}"));

    [Fact]
    public void FaultTable_FaultWithoutScenario_SaysWhy() =>
        FaultTable.All.Where(row => row.Scenarios.Count == 0).ShouldAllBe(row => row.Limit.Length > 0);

    [Fact]
    public void FaultTable_Scenarios_AreAllInARow() => Catalogue.All
        .Where(scenario => !scenario.Id.StartsWith("F0", StringComparison.Ordinal) && !scenario.Id.StartsWith("N-", StringComparison.Ordinal))
        .Except(FaultTable.All.SelectMany(row => row.Scenarios))
        .ShouldBeEmpty();

    [Fact]
    public void GuardTable_Scenarios_AreThere() =>
        GuardTable.All.Select(row => row.Scenario).OfType<string>().Except(Catalogue.All.Select(scenario => scenario.Id)).ShouldBeEmpty();

    [Fact]
    public void GuardTable_GuardWithoutControl_SaysWhyAndWhatStandsBehind() =>
        GuardTable.All.Where(row => row.Scenario is null).ShouldAllBe(row => row.Why.Length > 0 && row.Behind.Count > 0);

    [Fact]
    public void GuardTable_NegativeControls_AreAllInARow() =>
        NegativeControls.All.Select(scenario => scenario.Id).Except(GuardTable.All.Select(row => row.Scenario)).ShouldBeEmpty();

    [Fact]
    public void Order_FastTier_BeginsWithTheLongestAndEndsWithThoseAlone()
    {
        IReadOnlyList<Scenario> ordered = FaultRun.Order(Catalogue.Select(Tier.Fast, []));

        ordered.ShouldBe(Catalogue.Select(Tier.Fast, []), ignoreOrder: true);
        ordered.Take(3).Select(scenario => scenario.Id).ShouldBe(["F21", "F0-product", "F1"]);
        ordered.SkipWhile(scenario => !scenario.RunsAlone).ShouldAllBe(scenario => scenario.RunsAlone);
    }

    [Fact]
    public void Select_FullTier_HoldsTheFastOne() => Catalogue.Select(Tier.Fast, []).Except(Catalogue.Select(Tier.Full, [])).ShouldBeEmpty();
}
