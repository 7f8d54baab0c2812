using System.Text;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Docs;

/// <summary>The tables of engine/docs/multimodal.md, computed anew: a page that lies fails here, and the failure says what is true.</summary>
public sealed class MultimodalPageTests
{
    private static readonly string[] Page = File.ReadAllLines(Path.Combine(RepositoryPaths.Root, "engine", "docs", "multimodal.md"));

    [Fact]
    public void Tables_OfThePage_AreWhatTheEngineComputes()
    {
        IReadOnlyDictionary<string, IReadOnlyList<string>> tables = new MultimodalExample(new RecordedTokenizer()).Tables();
        var wrong = new StringBuilder();
        foreach ((string name, IReadOnlyList<string> expected) in tables)
        {
            if (!Body(name).SequenceEqual(expected))
            {
                wrong.Append("\n<!-- table ").Append(name).Append(" -->\n").AppendJoin('\n', expected).Append('\n');
            }
        }

        wrong.ToString().ShouldBeEmpty("these tables must be so");
        Page.Count(line => line.StartsWith("<!-- table ", StringComparison.Ordinal)).ShouldBe(tables.Count);
    }

    [ReferenceFact("tokenizer/tokenizer.json")]
    public void Ids_OfThePage_AreTheReleasedTokenizers()
    {
        BpeTokenizer tokenizer = BpeTokenizer.Load(Path.GetDirectoryName(ReferenceFiles.Find("tokenizer/tokenizer.json")) ?? "");
        foreach ((string text, int[] ids) in RecordedTokenizer.Texts)
        {
            tokenizer.Encode(text, allowSpecial: true).ShouldBe(ids, text);
        }

        var recorded = new RecordedTokenizer();
        foreach (string time in (string[])["<0.3 seconds>", "<9.7 seconds>", "<10.8 seconds>", "<1234.5 seconds>"])
        {
            recorded.Encode(time, allowSpecial: false).ShouldBe(tokenizer.Encode(time, allowSpecial: false), time);
        }

        recorded.VocabularySize.ShouldBe(tokenizer.VocabularySize);
    }

    /// <summary>Rows of the table behind a marker, without its two head lines.</summary>
    private static string[] Body(string name)
    {
        int marker = Array.IndexOf(Page, $"<!-- table {name} -->");
        marker.ShouldBeGreaterThanOrEqualTo(0, $"the page must have the marker of table {name}");
        return [.. Page.Skip(marker + 3).TakeWhile(line => line.StartsWith('|'))];
    }
}
