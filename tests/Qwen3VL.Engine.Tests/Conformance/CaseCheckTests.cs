using Qwen3VL.Conformance.Checks;
using Qwen3VL.Conformance.Reports;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Conformance;

public sealed class CaseCheckTests
{
    [Fact]
    public void Report_EqualNumbers_ShowsZeroAndNothingForWhatWasNotCompared()
    {
        var check = new CaseCheck("case");
        check.Close("logits", [1, 2], [1, 2], Quantity.Logit);
        CaseReport report = check.Report();
        var output = new StringWriter();

        new TextReport(output, 6, verbose: false).Folder(new FolderReport("folder", [report], [], TimeSpan.Zero));

        report.LogitDifference.ShouldBe(0);
        report.LogProbabilityDifference.ShouldBeNull();
        output.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ShouldBe(["folder", "1", "1", "0.0e+00", "-", "-"]);
    }
}
