using System.Text.Json;
using Qwen3VL.Batch.Faults.Ledger;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Ledger;

public sealed class LedgerFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qwen3vl-ledger-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Append_SeveralWriters_ReadsAllInOrderOfTime()
    {
        var job = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        using (var first = new LedgerFile(File("a"), TimeProvider.System))
        using (var second = new LedgerFile(File("b"), TimeProvider.System))
        {
            first.Append(new LedgerRecord(LedgerEvent.Submitted) { Key = "k" });
            second.Append(new LedgerRecord(LedgerEvent.EngineStarted) { Job = job, Chunk = 3 });
            first.Append(new LedgerRecord(LedgerEvent.Confirmed) { Key = "k" });
        }

        IReadOnlyList<LedgerRecord> records = LedgerFile.ReadAll([File("a"), File("b")]);

        records.Select(record => record.Event).ShouldBe([LedgerEvent.Submitted, LedgerEvent.EngineStarted, LedgerEvent.Confirmed]);
        records[1].ShouldSatisfyAllConditions(
            record => record.Job.ShouldBe(job), record => record.Chunk.ShouldBe(3), record => record.Pid.ShouldBe(Environment.ProcessId));
    }

    [Fact]
    public void ReadAll_LastLineTorn_IsPassedOver()
    {
        using (var ledger = new LedgerFile(File("a"), TimeProvider.System))
        {
            ledger.Append(new LedgerRecord(LedgerEvent.Submitted));
        }

        System.IO.File.AppendAllText(File("a"), "{\"Event\":\"conf");

        LedgerFile.ReadAll([File("a")]).ShouldHaveSingleItem();
    }

    [Fact]
    public void ReadAll_LineInTheMiddleBroken_Throws()
    {
        System.IO.File.WriteAllText(File("a"), "nonsense\n{\"Event\":\"submitted\"}\n");

        Should.Throw<JsonException>(() => LedgerFile.ReadAll([File("a")]));
    }

    [Fact]
    public void Append_FileOpenedAgain_GoesOn()
    {
        foreach (string what in (string[])[LedgerEvent.Submitted, LedgerEvent.Confirmed])
        {
            using var ledger = new LedgerFile(File("a"), TimeProvider.System);
            ledger.Append(new LedgerRecord(what));
        }

        LedgerFile.ReadAll([File("a")]).Count.ShouldBe(2);
    }

    private string File(string name) => Path.Combine(_folder, name);
}
