using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Checking.Facts;
using Qwen3VL.Batch.Faults.Checking.Rules;
using Qwen3VL.Batch.Faults.Oracle;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Checking;

/// <summary>I4 of a video: its windows, its events and what the merge made of them, planted into a state in memory.</summary>
public sealed class VideoContentTests
{
    private const int Seconds = 40;

    private static readonly Guid JobId = new(1, 2, 3, new byte[8]);

    private static readonly ExpectedJob Job = new("key", new SyntheticSource("a.mp4", 0, new string('a', 64)) { Seconds = Seconds })
    {
        Tasks = [JobTaskKind.Events, JobTaskKind.Caption],
    };

    [Fact]
    public void Check_SegmentsOfTheOracle_FindsNothing() => Check(Oracle()).ShouldBeEmpty();

    [Fact]
    public void Segments_LastingEvent_IsOneOfTheWholeVideo() => Oracle()
        .Where(segment => segment.Kind == "event" && segment.Body == FaultAnswers.LastingEvent)
        .ShouldHaveSingleItem()
        .ShouldSatisfyAllConditions(
            segment => segment.StartMs.ShouldBe(0),
            segment => segment.EndMs.ShouldBe(Seconds * 1000));

    [Fact]
    public void Check_LastingEventCutInTwo_IsReported()
    {
        List<SegmentFact> segments = Oracle();
        int lasting = segments.FindIndex(segment => segment.Kind == "event" && segment.Body == FaultAnswers.LastingEvent);
        segments.Add(segments[lasting] with { StartMs = 20_000 });
        segments[lasting] = segments[lasting] with { EndMs = 20_000 };

        Check(segments).Count().ShouldBe(1);
    }

    [Theory]
    [InlineData("window")]
    [InlineData("windowEvent")]
    [InlineData("event")]
    public void Check_OneMissing_IsReported(string kind)
    {
        List<SegmentFact> segments = Oracle();
        segments.RemoveAt(segments.FindIndex(segment => segment.Kind == kind));

        Check(segments).Count().ShouldBe(1);
    }

    private static List<SegmentFact> Oracle() =>
    [
        .. new ExpectedResults(Job.Source ?? throw new InvalidOperationException("the job must have a source; got none"), Job.Tasks).Segments()
            .Select(segment => new SegmentFact(JobId, 0, segment.Kind, segment.StartMs, segment.EndMs, segment.Body)),
    ];

    private static IEnumerable<string> Check(IReadOnlyList<SegmentFact> segments)
    {
        var expected = new RunExpectation();
        expected.Jobs.Add(Job);
        return new ContentRule().Check(new RunState { Jobs = [new JobFact(JobId, 0, "key", "succeeded", 1, 1, 0)], Segments = segments }, expected);
    }
}
