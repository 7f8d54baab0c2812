using Qwen3VL.Conformance.Checks;
using Qwen3VL.Conformance.Models;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Conformance;

public sealed class TopIdsTests
{
    [Fact]
    public void Check_ReferenceOrder_Passes() => Passes([-1, -2, -3, -4], [0, 1, 2], [-1, -2, -3]).ShouldBeTrue();

    [Fact]
    public void Check_ExchangedIdsWhoseValuesTie_Passes() => Passes([-1, -1.00001, -3, -4], [1, 0, 2], [-1, -1.00001f, -3]).ShouldBeTrue();

    [Fact]
    public void Check_ExchangedIdsWhoseValuesDiffer_Fails() => Passes([-1, -2, -3, -4], [1, 0, 2], [-2, -1, -3]).ShouldBeFalse();

    [Fact]
    public void Check_LastIdTiesWithOneTheReferenceLeftOut_Passes() => Passes([-1, -2, -3.00001, -3], [0, 1, 2], [-1, -2, -3]).ShouldBeTrue();

    [Fact]
    public void Check_FirstIdOfNoneOfTheReferences_Fails() => Passes([-1, -2, -3, -0.99999], [0, 1, 2], [-1, -2, -3]).ShouldBeFalse();

    [Fact]
    public void Check_ValueOutsideTheTolerance_Fails() => Passes([-1, -2.001, -3, -4], [0, 1, 2], [-1, -2, -3]).ShouldBeFalse();

    [Fact]
    public void Check_IdBeyondTheVocabulary_Fails() => Passes([-1, -2, -3, -4], [0, 9, 2], [-1, -2, -3]).ShouldBeFalse();

    private static bool Passes(double[] row, int[] ids, float[] values)
    {
        var check = new CaseCheck("case");
        TopIds.Check(check, "top", row, ids, values);
        return check.HasPassed;
    }
}
