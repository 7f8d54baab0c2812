using Qwen3VL.Batch.Faults.Soak;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Soak;

public sealed class StationarityTests
{
    [Fact]
    public void Judge_NothingGrows_FindsNothing() => Stationarity.Judge(Samples(static _ => Flat)).ShouldBeEmpty();

    [Fact]
    public void Judge_TooFewSamples_IsNotTakenForRest() => Stationarity.Judge([.. Samples(static _ => Flat).Take(5)]).ShouldHaveSingleItem();

    [Fact]
    public void Judge_MemoryGrows_SaysSo() =>
        Stationarity.Judge(Samples(static at => Flat with { ResidentMiB = 100 + (2 * at) })).ShouldHaveSingleItem().ShouldContain("memory");

    [Fact]
    public void Judge_DeadRowsGrow_SaysSo() =>
        Stationarity.Judge(Samples(static at => Flat with { DeadTuples = 1_000 * at })).ShouldHaveSingleItem().ShouldContain("dead rows");

    [Fact]
    public void Judge_QueueGrows_SaysSo() =>
        Stationarity.Judge(Samples(static at => Flat with { Groups = 10 * at })).ShouldHaveSingleItem().ShouldContain("groups");

    [Fact]
    public void Judge_ClaimsSlowDown_SaysSo() =>
        Stationarity.Judge(Samples(static at => Flat with { ClaimMs = at > 60 ? 400 : 5 })).ShouldHaveSingleItem().ShouldContain("claim");

    [Fact]
    public void Judge_MoreLogForEachChunk_SaysSo() =>
        Stationarity.Judge(Samples(static at => Flat with { WalMiB = at * at })).ShouldHaveSingleItem().ShouldContain("log");

    private static SoakSample Flat => new(0, 0, 120, 500, 0, 40, 3, 5);

    // A hundred chunks and 1 MiB of log each second, unless a test says otherwise.
    private static SoakSample[] Samples(Func<int, SoakSample> of) =>
    [
        .. Enumerable.Range(0, 100).Select(at => of(at)).Select((sample, at) => sample with { Seconds = at, Done = 100 * at, WalMiB = sample.WalMiB == 0 ? at : sample.WalMiB }),
    ];
}
