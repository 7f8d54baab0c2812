using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Results;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Fuzzing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Fuzzing;

/// <summary>A model writes anything: its answer is parsed or a failure is kept, in a time that grows with its length and no faster.</summary>
[Trait(FuzzRun.Category, FuzzRun.Fuzz)]
public sealed class ResultParserFuzzTests
{
    private const int Width = 640;
    private const int Height = 480;

    private static readonly string[] Fragments =
    [
        "[", "]", "{", "}", ",", ":", "\"", "'", "\\", "\\u", "\\ud83d", "```", "```json\n", "\n", "\t", " ", "\"bbox_2d\":", "\"label\":", "\"text_content\":", "\"start\":",
        "\"end\":", "\"description\":", "[1, 2, 3, 4]", "1", "-", "1e999", "NaN", "-Infinity", "0.5", "99999999999999999999999", "null", "true", "\"a\"", "\"00:01\"",
        "\0", "\uFFFF", "\uD800", "é", "And so on", "//", "/*",
    ];

    private static readonly string[] Answers =
    [
        .. Goldens.Read<JsonElement[]>("tiny", "cases.json").Select(one => one.GetProperty("text").GetString() ?? ""),
        """[{"bbox_2d": [[1, 2], [3, 4]], "label": "a", "nested": {"a": [{"b": null}]}}]""",
    ];

    [Fact]
    public void Parse_MutatedAnswer_NeverThrowsAndKeepsToThePage() => FuzzRun.Repeat(random =>
    {
        string answer = Answers[random.Next(Answers.Length)];
        Check(Encoding.UTF8.GetString(Mutations.Bytes(random, Encoding.UTF8.GetBytes(answer))));
    });

    [Fact]
    public void Parse_RandomAnswer_NeverThrowsAndKeepsToThePage() => FuzzRun.Repeat(random =>
    {
        var answer = new StringBuilder();
        for (int count = random.Next(80); count > 0; count--)
        {
            answer.Append(Fragments[random.Next(Fragments.Length)]);
        }

        Check(answer.ToString());
    });

    [Theory]
    [InlineData("[")]
    [InlineData("{")]
    [InlineData("[{")]
    [InlineData("[{\"a\":")]
    [InlineData("[{\"a\":1},")]
    [InlineData("{\"a\"")]
    [InlineData("\"")]
    [InlineData("[\"")]
    [InlineData("\\")]
    [InlineData("[{\"a\":\"\\")]
    [InlineData("```")]
    [InlineData("```json\n[")]
    [InlineData("1,")]
    [InlineData("[1")]
    [InlineData("{}")]
    [InlineData("{\"a\":1}")]
    [InlineData("{\"a\":[")]
    [InlineData("[{\"a\":[")]
    [InlineData("[[{\"a\":1},")]
    [InlineData("([{")]
    [InlineData("\" ")]
    [InlineData("}{")]
    [InlineData("-")]
    [InlineData(" ")]
    public void Parse_LongAnswerOfOneFragment_TakesLinearTime(string fragment)
    {
        // A linear reader takes a fraction of a second and a quadratic one minutes; a busy machine may take its time.
        TimeSpan limit = TimeSpan.FromSeconds(30);
        string repeated = string.Concat(Enumerable.Repeat(fragment, (ModelJson.MaxLength / 4 / fragment.Length) - 1));
        long start = Stopwatch.GetTimestamp();
        Check("[" + repeated);
        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(limit);
    }

    private static void Check(string answer)
    {
        IReadOnlyList<BoxResult> boxes = BoxParser.Parse(answer, JobTaskKind.Spotting, 1, Width, Height).Value ?? [];
        foreach (BoxResult box in boxes)
        {
            box.Pixels.X0.ShouldBeInRange(0, Width);
            box.Pixels.X1.ShouldBeInRange(box.Pixels.X0, Width);
            box.Pixels.Y0.ShouldBeInRange(0, Height);
            box.Pixels.Y1.ShouldBeInRange(box.Pixels.Y0, Height);
            box.Label.ShouldNotBeNullOrWhiteSpace();
        }

        IReadOnlyList<SegmentResult> events = EventParser.Parse(answer, Timeline()).Value ?? [];
        events.ShouldAllBe(one => one.StartMs >= 0 && one.EndMs >= one.StartMs && one.EndMs <= 10_000);
    }

    private static WindowTimeline Timeline() =>
        WindowTimeline.Create(["0.2", "1.2", "2.2"], [0, 500, 1_000, 1_500, 2_000, 2_500], 0, 10_000);
}
