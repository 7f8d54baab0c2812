using System.Text.Json;
using Qwen3VL.Batch.Planning;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Planning;

public sealed class PromptsTests
{
    /// <summary>The golden cases hold the very prompts that the bundled model was trained on.</summary>
    [Theory]
    [InlineData("page0", Prompts.Ocr)]
    [InlineData("spot0", Prompts.Spotting)]
    [InlineData("caption0", Prompts.DescribeImage)]
    [InlineData("vsum0", Prompts.SummarizeVideo)]
    [InlineData("events0", Prompts.Events)]
    public void Prompt_OfATask_IsTheOneTheModelKnows(string golden, string prompt) => prompt.ShouldBe(User(golden));

    [Fact]
    public void Grounding_SeveralLabels_AreOneQuotedList() => Prompts.Grounding(["purple star", "yellow triangle"]).ShouldBe(User("ground2"));

    [Fact]
    public void Reduce_Parts_AreNumberedLines() => Prompts.Reduce(
        "video",
        ["The video shows a blue triangle.", "The video shows a green triangle.", "The video shows a pink square, then a pink star."]).ShouldBe(User("reduce1"));

    [Fact]
    public void Reduce_PartWithLineBreaks_StaysOnItsLine() =>
        Prompts.Reduce("document", ["a\r\nb\n", "c"]).ShouldBe("These are the summaries of consecutive parts of one document:\n1. a b\n2. c\nWrite one summary of the whole document.");

    private static string User(string name) => Goldens.Read<JsonElement>("tiny", "cases.json")
        .EnumerateArray()
        .First(one => one.GetProperty("name").GetString() == name)
        .GetProperty("user")
        .GetString()
        .ShouldNotBeNull();
}
