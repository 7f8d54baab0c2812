using System.Globalization;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Results;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Qwen3VL.Batch.Tests.Results;

public sealed class EventParserTests(ITestOutputHelper output)
{
    /// <summary>Five seconds from 8,000 ms on, two frames a second.</summary>
    private static readonly WindowTimeline Timeline = WindowTimeline.Create(
        ["0.2", "1.2", "2.2", "3.2", "4.2"],
        [8000, 8500, 9000, 9500, 10000, 10500, 11000, 11500, 12000, 12500],
        8000,
        13000);

    [Fact]
    public void Parse_Labels_CoverWholePairsOfRealFrames()
    {
        SegmentResult segment = Single("""[{"start": 1.2, "end": 3.2, "description": "A red star moves across the screen."}]""");

        segment.ShouldBe(new SegmentResult(SegmentKind.WindowEvent, 0, 9000, 12000, "A red star moves across the screen.", Adjusted: false));
    }

    [Fact]
    public void Parse_EqualLabels_MeanOnePair() => Bounds(Single("""[{"start": 0.2, "end": 0.2, "description": "a"}]""")).ShouldBe((8000, 9000, false));

    [Fact]
    public void Parse_LastLabel_EndsWithTheWindow() => Bounds(Single("""[{"start": 4.2, "end": 4.2, "description": "a"}]""")).ShouldBe((12000, 13000, false));

    [Theory]
    [InlineData("3.2", "1.2")]
    [InlineData("1.0", "3.2")]
    [InlineData("1.2", "3.4")]
    [InlineData("\"00:01.00\"", "\"00:03.20\"")]
    public void Parse_TimesThatAreNoLabelsOrReversed_AreRepairedAndMarked(string start, string end) =>
        Bounds(Single($$"""[{"start": {{start}}, "end": {{end}}, "description": "a"}]""")).ShouldBe((9000, 12000, true));

    [Fact]
    public void Parse_TimesOutsideTheWindow_AreClampedAndMarked() =>
        Bounds(Single("""[{"start": -4, "end": 1e9, "description": "a"}]""")).ShouldBe((8000, 13000, true));

    [Fact]
    public void Parse_Unordered_ComesInOrderOfTime()
    {
        IReadOnlyList<SegmentResult> events = Parse("""[{"start": 3.2, "end": 4.2, "description": "b"}, {"start": 0.2, "end": 2.2, "description": "a"}]""").Value.ShouldNotBeNull();

        events.Select(segment => (segment.SegmentNo, segment.Text)).ShouldBe([(0, "a"), (1, "b")]);
    }

    [Theory]
    [InlineData("""{"start": NaN, "end": 1.2, "description": "x"}""")]
    [InlineData("""{"end": 1.2, "description": "x"}""")]
    [InlineData("""{"start": 0.2, "end": 1.2}""")]
    [InlineData("""{"start": 0.2, "end": 1.2, "description": ""}""")]
    [InlineData("""{"start": "soon", "end": 1.2, "description": "x"}""")]
    public void Parse_IncompleteEvent_IsDroppedAndCounted(string entry)
    {
        ParseOutcome<IReadOnlyList<SegmentResult>> outcome = Parse($$"""[{{entry}}, {"start": 0.2, "end": 1.2, "description": "a"}]""");

        outcome.Value.ShouldNotBeNull().ShouldHaveSingleItem().Text.ShouldBe("a");
        outcome.Failure.ShouldNotBeNull().Code.ShouldBe(ErrorCodes.OutputUnreadable);
    }

    [Fact]
    public void Create_FramesThatRepeat_StillGiveEveryPairAnExtent()
    {
        var timeline = WindowTimeline.Create(["0.0", "0.0", "2.0", "4.0"], [0, 0, 0, 0, 4000, 4000, 4000], 100, 5000);

        timeline.Pairs.Select(pair => (pair.StartMs, pair.EndMs)).ShouldBe([(100, 4000), (100, 4000), (4000, 5000), (4000, 5000)]);
    }

    [Fact]
    public void Parse_RandomTimelinesAndTimes_SegmentsKeepTheirInvariant()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int round = 0; round < 2_000; round++)
        {
            int start = random.Next(0, 100_000);
            int end = start + random.Next(1, 12_000);
            double[] times = [.. Enumerable.Range(0, random.Next(1, 25)).Select(_ => start - 500 + (random.NextDouble() * (end - start + 1_000))).Order()];
            string[] labels = [.. times.Chunk(2).Select(pair => ((pair[0] - times[0]) / 1000).ToString("F1", CultureInfo.InvariantCulture))];
            var timeline = WindowTimeline.Create(labels, times, start, end);
            string events = string.Join(',', Enumerable.Range(0, random.Next(5)).Select(_ => $$"""{"start": {{random.Next(-3, 15)}}.2, "end": {{random.Next(-3, 15)}}.2, "description": "a"}"""));

            IReadOnlyList<SegmentResult> segments = EventParser.Parse($"[{events}]", timeline).Value.ShouldNotBeNull();

            segments.ShouldAllBe(segment => start <= segment.StartMs && segment.StartMs < segment.EndMs && segment.EndMs <= end);
            segments.Select(segment => segment.StartMs).ShouldBeInOrder();
        }
    }

    private static (int Start, int End, bool Adjusted) Bounds(SegmentResult segment) => (segment.StartMs, segment.EndMs, segment.Adjusted);

    private static SegmentResult Single(string answer) => Parse(answer).Value.ShouldNotBeNull().ShouldHaveSingleItem();

    private static ParseOutcome<IReadOnlyList<SegmentResult>> Parse(string answer) => EventParser.Parse(answer, Timeline);
}
