using System.Text;
using Qwen3VL.Samples.Score;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Samples;

public sealed class SampleScorerTests
{
    private static readonly Box Square = new("a", 0, 0, 10, 10);

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("OVERWRITE", "OVERWITE", 1)]
    public void Between_TwoTexts_CountsTheFewestEdits(string a, string b, int distance) => EditDistance.Between(a, b).ShouldBe(distance);

    [Fact]
    public void CharacterErrorRate_OneOfTenWrong_IsATenth() => EditDistance.CharacterErrorRate("0123456789", "0123x56789").ShouldBe(0.1);

    [Theory]
    [InlineData(0, 0, 10, 10, 1)]
    [InlineData(5, 0, 15, 10, 1.0 / 3)]
    [InlineData(10, 0, 20, 10, 0)]
    [InlineData(2, 2, 7, 6, 0.2)]
    [InlineData(5, 5, 5, 5, 0)]
    public void IntersectionOverUnion_TwoBoxes_IsTheSharedPart(double x0, double y0, double x1, double y1, double expected) =>
        Square.IntersectionOverUnion(new Box("b", x0, y0, x1, y1)).ShouldBe(expected, 1e-12);

    [Fact]
    public void Pair_EqualLabels_ComeBeforeOverlap()
    {
        Box sameLabelElsewhere = new("a", 50, 50, 60, 60);
        Box overlapping = new("b", 0, 0, 10, 10);

        BoxMatch.Pair([Square], [overlapping, sameLabelElsewhere]).ShouldHaveSingleItem().Found.ShouldBe(sameLabelElsewhere);
    }

    [Fact]
    public void Pair_FoundBox_StandsForOneDrawnBoxOnly() =>
        BoxMatch.Pair([Square, Square], [Square]).Select(match => match.IntersectionOverUnion).ShouldBe([1, 0]);

    [Fact]
    public void Score_EverythingRight_HasNoBadLine() => Verdicts(Results()).ShouldNotContain(false);

    [Theory]
    [InlineData("hello world", "hullo wurld")]
    [InlineData("A red star.", "A blue star.")]
    [InlineData("\"x1\": 100", "\"x1\": 300")]
    [InlineData("\"label\": \"a\"", "\"label\": \"b\"")]
    [InlineData("\"endMs\": 4000", "\"endMs\": 5500")]
    [InlineData("It moves.", "It stays.")]
    [InlineData("The video", "No video")]
    [InlineData("\"kind\": \"event\"", "\"kind\": \"windowEvent\"")]
    public void Score_OneThingWrong_HasABadLine(string right, string wrong)
    {
        string results = Results().Replace(right, wrong, StringComparison.Ordinal);

        Verdicts(results).ShouldContain(false);
    }

    [Fact]
    public void ParseAll_SeveralObjects_AreSeveralJobs() =>
        JobReading.ParseAll(Encoding.UTF8.GetBytes(Results() + "\n" + Results())).Select(reading => reading.FileName).ShouldBe(["file.png", "file.png"]);

    private static IEnumerable<bool?> Verdicts(string results)
    {
        var truth = new SampleTruth
        {
            Pages = ["hello world"],
            Caption = "A red star.",
            Grounding = [new Box("a", 0, 0, 100, 50)],
            Events = [new TimedText("It moves.", 0, 4)],
            Summary = "The video shows it.",
        };
        JobReading reading = JobReading.ParseAll(Encoding.UTF8.GetBytes(results)).ShouldHaveSingleItem();
        return [.. SampleScorer.Score("file.png", truth, reading).Select(line => line.Verdict)];
    }

    private static string Results() => """
        {
          "job": { "source": { "uri": "folder/file.png" } },
          "pages": [{ "pageNo": 1, "text": "hello world" }],
          "captions": [{ "pageNo": 1, "text": "A red star." }],
          "boxes": [{ "task": "grounding", "label": "a", "pixels": { "x0": 0, "y0": 0, "x1": 100, "y1": 55 } }],
          "segments": [{ "kind": "event", "startMs": 0, "endMs": 4000, "text": "It moves." }],
          "summary": "The video shows it."
        }
        """;
}
