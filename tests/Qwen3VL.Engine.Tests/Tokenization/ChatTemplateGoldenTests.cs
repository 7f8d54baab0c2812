using System.Text.Json;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Tokenization;

/// <summary>The released templates' output on every golden chat.</summary>
public sealed class ChatTemplateGoldenTests
{
    public static TheoryData<int> Cases => [.. Enumerable.Range(0, Read().Count)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Instruct_GoldenChat_EqualsReference(int index) => Check(Read()[index], ChatTemplate.Instruct, "instruct");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Thinking_GoldenChat_EqualsReference(int index) => Check(Read()[index], ChatTemplate.Thinking, "thinking");

    [Fact]
    public void BothTemplates_MoreChats_EqualReference()
    {
        List<JsonElement> items = Read("more.json");
        items.Count.ShouldBe(47);
        foreach (JsonElement item in items)
        {
            Check(item, ChatTemplate.Instruct, "instruct");
            Check(item, ChatTemplate.Thinking, "thinking");
        }
    }

    private static void Check(JsonElement item, ChatTemplate template, string key)
    {
        if (item.GetProperty(key).ValueKind == JsonValueKind.Null)
        {
            // The reference raises an error.
            Should.Throw<InvalidRequestException>(() => template.Render(TemplateJson.ReadMessages(item), TemplateJson.ReadOptions(item)));
            return;
        }

        IReadOnlyList<PromptSegment> segments = template.Render(TemplateJson.ReadMessages(item), TemplateJson.ReadOptions(item));

        string.Concat(segments.Select(segment => segment.Text)).ShouldBe(item.GetProperty(key).GetString());
        segments.ShouldAllBe(segment => segment.Text.Length > 0);
    }

    private static List<JsonElement> Read(string file = "templates.json")
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(RepositoryPaths.Goldens, "chat", file)));
        return [.. document.RootElement.EnumerateArray().Select(item => item.Clone())];
    }
}
