using Qwen3VL.Batch.Faults.Figures;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Figures;

public sealed class LastRunTests
{
    [Fact]
    public void Newest_OlderPassOfAnotherTier_HidesNoFailure()
    {
        LastRun fails = Run("F1", passed: false, hour: 2) with { Tier = "fast" };

        LastRun.Newest([fails, Run("F1", passed: true, hour: 1) with { Tier = "full" }]).ShouldBe([fails]);
    }

    [Fact]
    public void Newest_SkippedAfterAFailure_HidesItNot()
    {
        LastRun fails = Run("F8", passed: false, hour: 1);

        LastRun.Newest([fails, Run("F8", passed: true, hour: 2) with { Skipped = "no room" }]).ShouldBe([fails]);
    }

    [Fact]
    public void Newest_RowOfNoDate_IsOlderThanAny() =>
        LastRun.Newest([Run("F1", passed: false, hour: 1), new LastRun("F1", true, 1, 1)]).ShouldHaveSingleItem().Passed.ShouldBeFalse();

    [Fact]
    public async Task Record_SomeScenarios_KeepsTheRowsOfOthers()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("qwen3vl-last-run-").FullName, "faults.json");
        LastRun other = Run("F2", passed: true, hour: 1);
        LastRun again = Run("F1", passed: false, hour: 3);
        await LastRun.RecordAsync(file, [Run("F1", passed: true, hour: 1), other], CancellationToken.None);

        await LastRun.RecordAsync(file, [again], CancellationToken.None);

        (await LastRun.ReadAsync(file, CancellationToken.None)).ShouldBe([again, other], ignoreOrder: true);
        Directory.Delete(Path.GetDirectoryName(file) ?? file, recursive: true);
    }

    [Fact]
    public void WithFaults_OlderFileAfterANewerOne_ChangesNothing()
    {
        Reliability numbers = new Reliability().WithFaults([Run("F1", passed: false, hour: 2)]);

        numbers.WithFaults([Run("F1", passed: true, hour: 1)]).Faults.ShouldHaveSingleItem().Passed.ShouldBeFalse();
    }

    private static LastRun Run(string id, bool passed, int hour) =>
        new(id, passed, 1, 7) { At = DateTimeOffset.UnixEpoch.AddHours(hour), Commit = "abc", Tier = "full" };
}
