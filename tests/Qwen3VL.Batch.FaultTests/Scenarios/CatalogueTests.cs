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
    public void Select_FullTier_HoldsTheFastOne() => Catalogue.Select(Tier.Fast, []).Except(Catalogue.Select(Tier.Full, [])).ShouldBeEmpty();
}
