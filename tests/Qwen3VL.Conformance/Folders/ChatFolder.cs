using System.Text.Json;
using Qwen3VL.Conformance.Checks;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Cases;

namespace Qwen3VL.Conformance.Folders;

/// <summary><c>chat/*.json</c>: chats as both templates render them. A rendering that is null must be refused.</summary>
internal sealed class ChatFolder(string name, GoldenContext context) : GoldenFolder(name, context)
{
    private static readonly (string Key, ChatTemplate Template)[] Templates = [("instruct", ChatTemplate.Instruct), ("thinking", ChatTemplate.Thinking)];

    /// <inheritdoc/>
    public override bool IsKnown(string fileName) => fileName.EndsWith(".json", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override void Run(CaseRunner cases)
    {
        foreach (string path in Directory.EnumerateFiles(Path, "*.json").Order(StringComparer.Ordinal))
        {
            string file = System.IO.Path.GetFileName(path);
            cases.Section(file, () =>
            {
                JsonElement[] goldens = Goldens.ReadFile<JsonElement[]>(path);
                for (int i = 0; i < goldens.Length; i++)
                {
                    JsonElement golden = goldens[i];
                    cases.Case($"{file}[{i}]", check => Check(check, golden));
                }
            });
        }
    }

    private static void Check(CaseCheck check, JsonElement golden)
    {
        int compared = 0;
        foreach ((string key, ChatTemplate template) in Templates)
        {
            if (!golden.TryGetProperty(key, out JsonElement expected))
            {
                continue;
            }

            compared++;
            if (expected.ValueKind == JsonValueKind.Null)
            {
                Refusal.Expect(check, key, () => _ = Render(template, golden));
            }
            else
            {
                check.EqualText(key, Render(template, golden), expected.GetString() ?? "");
            }
        }

        if (compared == 0)
        {
            check.Fail("a chat must have the rendering instruct or thinking; got neither");
        }
    }

    private static string Render(ChatTemplate template, JsonElement golden) => string.Concat(
        template.Render(TemplateJson.ReadMessages(golden), TemplateJson.ReadOptions(golden)).Select(segment => segment.Text));
}
