using Qwen3VL.Batch.Results;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Qwen3VL.Batch.Tests.Results;

public sealed class EventMergerTests(ITestOutputHelper output)
{
    [Fact]
    public void Merge_EventCutByAWindowEdge_BecomesOne() =>
        Merge(Event(6000, 10000, "A red star stays still."), Event(10000, 12000, "a red  star stays still"))
            .ShouldBe([new SegmentResult(SegmentKind.Event, 0, 6000, 12000, "A red star stays still.", Adjusted: false)]);

    [Fact]
    public void Merge_EventSeenByTwoWindows_BecomesOne() =>
        Merge(Event(6000, 10000, "a"), Event(8000, 9000, "a")).Select(Bounds).ShouldBe([(6000, 10000)]);

    [Fact]
    public void Merge_SameWordsWithAGap_StayTwo() => Merge(Event(0, 1000, "a"), Event(1500, 2000, "a")).Select(Bounds).ShouldBe([(0, 1000), (1500, 2000)]);

    [Fact]
    public void Merge_OtherWordsAtTheSameTime_StaySideBySide() => Merge(Event(0, 1000, "b"), Event(0, 1000, "a")).Select(segment => segment.Text).ShouldBe(["a", "b"]);

    [Fact]
    public void Merge_PartThatWasAdjusted_MarksTheWhole() =>
        Merge(Event(0, 1000, "a"), Event(1000, 2000, "a") with { Adjusted = true }).ShouldHaveSingleItem().Adjusted.ShouldBeTrue();

    [Fact]
    public void Merge_RandomEvents_KeepsTheSameTimesPerWordsAndIsStable()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int round = 0; round < 2_000; round++)
        {
            SegmentResult[] input = [.. Enumerable.Range(0, random.Next(12)).Select(_ => Random(random))];

            IReadOnlyList<SegmentResult> merged = EventMerger.Merge(input);

            merged.Select(segment => segment.SegmentNo).ShouldBe(Enumerable.Range(0, merged.Count));
            merged.Select(segment => segment.StartMs).ShouldBeInOrder();
            Covered(merged).ShouldBe(Covered(input));
            EventMerger.Merge(merged).ShouldBe(merged);
            random.Shuffle(input);
            EventMerger.Merge(input).ShouldBe(merged);
        }
    }

    private static SegmentResult Random(Random random)
    {
        int start = random.Next(20) * 1000;
        return Event(start, start + (random.Next(1, 5) * 1000), $"words {random.Next(3)}") with { Adjusted = random.Next(4) == 0 };
    }

    /// <summary>Every (words, second) that is covered, which merging must neither add to nor take from.</summary>
    private static IEnumerable<(string Text, int Second)> Covered(IReadOnlyList<SegmentResult> segments) => segments
        .SelectMany(segment => Enumerable.Range(segment.StartMs / 1000, (segment.EndMs - segment.StartMs) / 1000).Select(second => (segment.Text, second)))
        .Distinct()
        .Order();

    private static IReadOnlyList<SegmentResult> Merge(params SegmentResult[] events) => EventMerger.Merge(events);

    private static SegmentResult Event(int start, int end, string text) => new(SegmentKind.WindowEvent, 0, start, end, text, Adjusted: false);

    private static (int Start, int End) Bounds(SegmentResult segment) => (segment.StartMs, segment.EndMs);
}
