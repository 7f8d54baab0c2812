using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Storage;

public sealed class LanesTests
{
    [Theory]
    [InlineData(0, Lanes.Bulk)]
    [InlineData(7, Lanes.Bulk)]
    [InlineData(8, Lanes.Interactive)]
    [InlineData(9, Lanes.Interactive)]
    public void OfPriority_UrgentOnes_AreInteractive(int priority, int lane) => Lanes.OfPriority(priority).ShouldBe((short)lane);

    [Fact]
    public void TryParse_NamesInAnyOrder_AreLanes()
    {
        Lanes.TryParse(" interactive, quarantine ,bulk", out short[]? lanes).ShouldBeTrue();

        lanes.ShouldBe([Lanes.Interactive, Lanes.Quarantine, Lanes.Bulk]);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("Bulk")]
    [InlineData("bulk,bulk")]
    [InlineData("bulk;interactive")]
    public void TryParse_AnythingElse_IsRefused(string text) => Lanes.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void Name_LaneOfANewerVersion_IsItsNumber() => (Lanes.Name(1), Lanes.Name(7)).ShouldBe(("interactive", "7"));
}
