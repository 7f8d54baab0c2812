using System.Text;
using System.Text.Json;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Tokenization;

/// <summary>The reference tokenizer's outputs, for the bundled and for the released vocabulary.</summary>
public sealed class BpeTokenizerGoldenTests
{
    [Theory]
    [InlineData("tokenizer/tiny.json", 201)]
    [InlineData("tokenizer/tiny-more.json", 114)]
    public void BundledTokenizer_EveryGolden_EqualsReference(string golden, int numCases) => CheckAll(golden, RepositoryPaths.TinyModel, numCases);

    [ReferenceFact("tokenizer/tokenizer.json")]
    public void ReleasedTokenizer_EveryGolden_EqualsReference()
    {
        string folder = Path.GetDirectoryName(ReferenceFiles.Find("tokenizer/tokenizer.json")) ?? "";
        CheckAll("tokenizer/qwen.json", folder, 201);
        CheckAll("tokenizer/qwen-more.json", folder, 114);
    }

    private static void CheckAll(string golden, string folder, int numCases)
    {
        BpeTokenizer tokenizer = BpeTokenizer.Load(folder);
        using JsonDocument cases = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(RepositoryPaths.Goldens, golden)));
        var differences = new StringBuilder();
        int index = 0;
        foreach (JsonElement item in cases.RootElement.EnumerateArray())
        {
            string text = item.GetProperty("text").GetString() ?? "";
            int[] expected = [.. item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
            string decoded = item.TryGetProperty("decoded", out JsonElement d) ? d.GetString() ?? "" : text;
            string skipped = item.TryGetProperty("decoded_skip_special", out JsonElement s) ? s.GetString() ?? "" : decoded;
            int[] actual = tokenizer.Encode(text, allowSpecial: true);
            if (!actual.SequenceEqual(expected))
            {
                differences.AppendLine($"case {index}: encoded [{string.Join(' ', actual)}], reference [{string.Join(' ', expected)}]");
            }

            Compare(differences, index, "decoded", tokenizer.Decode(expected, skipSpecial: false), decoded);
            Compare(differences, index, "decoded without special", tokenizer.Decode(expected, skipSpecial: true), skipped);
            index++;
        }

        index.ShouldBe(numCases);
        differences.ToString().ShouldBeEmpty();
    }

    private static void Compare(StringBuilder differences, int index, string what, string actual, string expected)
    {
        if (actual != expected)
        {
            differences.AppendLine($"case {index}: {what} '{actual}', reference '{expected}'");
        }
    }
}
