using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Results;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Qwen3VL.Batch.Tests.Results;

public sealed class BoxParserTests(ITestOutputHelper output)
{
    [Fact]
    public void Parse_BoxInThousandths_IsStoredInBothSystems()
    {
        BoxResult box = Single("""[{"bbox_2d": [100, 250, 300, 1000], "label": "purple star"}]""");

        box.Label.ShouldBe("purple star");
        box.Relative.ShouldBe(new BoxEdges(100, 250, 300, 1000));
        box.Pixels.ShouldBe(new BoxEdges(40, 50, 120, 200));
        box.Adjusted.ShouldBeFalse();
    }

    [Theory]
    [InlineData("[300, 1000, 100, 250]")]
    [InlineData("[100, 250, 300, 1004]")]
    [InlineData("[[300, 250], [100, 1001]]")]
    public void Parse_ReversedOrOutsideNumbers_AreRepairedAndMarked(string numbers)
    {
        BoxResult box = Single($$"""[{"bbox_2d": {{numbers}}, "label": "a"}]""");

        box.Relative.ShouldBe(new BoxEdges(100, 250, 300, 1000));
        box.Adjusted.ShouldBeTrue();
    }

    [Theory]
    [InlineData("""["100", "250", "300.0", 1e3]""")]
    [InlineData("\"100 250 300 1000\"")]
    [InlineData("\"[100, 250, 300, 1000]\"")]
    public void Parse_NumbersAsStrings_AreRead(string numbers) =>
        Single($$"""[{"bbox_2d": {{numbers}}, "label": "a"}]""").Relative.ShouldBe(new BoxEdges(100, 250, 300, 1000));

    [Fact]
    public void Parse_DoubledKey_TheLastWins() =>
        Single("""[{"bbox_2d": [1, 2, 3, 4], "bbox_2d": [5, 6, 7, 8], "label": "a"}]""").Relative.ShouldBe(new BoxEdges(5, 6, 7, 8));

    [Theory]
    [InlineData("""{"bbox_2d": [1, 2, 3], "label": "a"}""")]
    [InlineData("""{"bbox_2d": [1, 2, 3, 4, 5], "label": "a"}""")]
    [InlineData("""{"bbox_2d": [1, 2, 1, 4], "label": "a"}""")]
    [InlineData("""{"bbox_2d": [1200, 2, 1300, 4], "label": "a"}""")]
    [InlineData("""{"bbox_2d": [NaN, 2, 3, 4], "label": "a"}""")]
    [InlineData("""{"bbox_2d": [1, 2, Infinity, 4], "label": "a"}""")]
    [InlineData("""{"bbox_2d": [1, 2, 3, 4]}""")]
    [InlineData("""{"bbox_2d": [1, 2, 3, 4], "label": " "}""")]
    [InlineData("""{"bbox_2d": null, "label": "a"}""")]
    public void Parse_EntryWithoutBoxOrLabel_IsDroppedAndCounted(string entry)
    {
        ParseOutcome<IReadOnlyList<BoxResult>> outcome = Parse($$"""[{{entry}}, {"bbox_2d": [1, 2, 3, 4], "label": "b"}]""");

        BoxResult box = outcome.Value.ShouldNotBeNull().ShouldHaveSingleItem();
        (box.BoxNo, box.Label).ShouldBe((0, "b"));
        outcome.Failure.ShouldBe(new ParseFailure(ErrorCodes.OutputUnreadable, "entries must have a label and a box with area; 1 of 2 had not"));
    }

    [Fact]
    public void Parse_NoEntryUsable_IsAFailure() => Parse("""[{"bbox_2d": [1], "label": "a"}]""").Value.ShouldBeNull();

    [Fact]
    public void Parse_EmptyList_MeansNothingFound() => Parse("[]").ShouldSatisfyAllConditions(
        outcome => outcome.Value.ShouldNotBeNull().ShouldBeEmpty(),
        outcome => outcome.Failure.ShouldBeNull());

    [Fact]
    public void Parse_AnyNumbers_BoxesLieInsideThePageWithArea()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        string[] odd = ["NaN", "-Infinity", "1e308", "-1e308", "\"7\"", "null", "0.0001", "999.9999", "1000", "1001", "-1"];
        for (int round = 0; round < 20_000; round++)
        {
            string numbers = string.Join(',', Enumerable.Range(0, 4).Select(_ => random.Next(4) == 0 ? odd[random.Next(odd.Length)] : $"{random.Next(-200, 1300)}"));
            int width = random.Next(1, 5_000);
            int height = random.Next(1, 5_000);
            string answer = $$"""[{"bbox_2d": [{{numbers}}], "label": "a"}]""";

            foreach (BoxResult box in BoxParser.Parse(answer[..random.Next(answer.Length / 2, answer.Length + 1)], JobTaskKind.Grounding, 1, width, height).Value ?? [])
            {
                CheckInside(box.Relative, 1000, 1000, answer);
                CheckInside(box.Pixels, width, height, answer);
            }
        }
    }

    private static void CheckInside(BoxEdges box, int width, int height, string answer)
    {
        (box.X0 >= 0 && box.X0 < box.X1 && box.X1 <= width).ShouldBeTrue($"{box} in {width}x{height} of {answer}");
        (box.Y0 >= 0 && box.Y0 < box.Y1 && box.Y1 <= height).ShouldBeTrue($"{box} in {width}x{height} of {answer}");
    }

    private static BoxResult Single(string answer) => Parse(answer).Value.ShouldNotBeNull().ShouldHaveSingleItem();

    private static ParseOutcome<IReadOnlyList<BoxResult>> Parse(string answer) => BoxParser.Parse(answer, JobTaskKind.Grounding, 1, 400, 200);
}
