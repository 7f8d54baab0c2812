using Qwen3VL.Conformance.Checks;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Cases;

namespace Qwen3VL.Conformance.Folders;

/// <summary>
/// <c>tokenizer/*.json</c>: texts, their ids, and the texts that the ids give back. A file named after <c>tiny</c> or <c>qwen</c> is held
/// against that tokenizer; <c>nfc.json</c> holds normal forms.
/// </summary>
internal sealed class TokenizerFolder(string name, GoldenContext context) : GoldenFolder(name, context)
{
    private const string NormalForms = "nfc.json";

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
                if (file == NormalForms)
                {
                    RunNormalForms(path, cases);
                }
                else
                {
                    RunTexts(path, file, cases);
                }
            });
        }
    }

    private void RunTexts(string path, string file, CaseRunner cases)
    {
        TokenizerGolden[] goldens = Goldens.ReadFile<TokenizerGolden[]>(path);
        BpeTokenizer tokenizer = file.Contains("tiny", StringComparison.OrdinalIgnoreCase) ? Context.TinyTokenizer
            : file.Contains("qwen", StringComparison.OrdinalIgnoreCase) ? Context.QwenTokenizer
            : throw new InvalidDataException($"a file of tokenizer goldens must be named after tiny or qwen; got {file}");
        for (int i = 0; i < goldens.Length; i++)
        {
            TokenizerGolden golden = goldens[i];
            cases.Case($"{file}[{i}]", check => Check(check, tokenizer, golden));
        }
    }

    private static void Check(CaseCheck check, BpeTokenizer tokenizer, TokenizerGolden golden)
    {
        check.EqualIntegers("ids", tokenizer.Encode(golden.Text, allowSpecial: true), golden.Ids);
        string decoded = golden.Decoded ?? golden.Text;
        check.EqualText("decoded text", tokenizer.Decode(golden.Ids, skipSpecial: false), decoded);
        check.EqualText("decoded text without special tokens", tokenizer.Decode(golden.Ids, skipSpecial: true), golden.DecodedSkipSpecial ?? decoded);
    }

    private static void RunNormalForms(string path, CaseRunner cases)
    {
        NormalFormGoldens goldens = Goldens.ReadFile<NormalFormGoldens>(path);
        for (int i = 0; i < goldens.Cases.Length; i++)
        {
            NormalFormGolden golden = goldens.Cases[i];
            cases.Case($"{NormalForms}[{i}]", check => check.EqualText("normal form", NfcNormalizer.Normalize(golden.Text).ToString(), golden.Nfc));
        }
    }

    private sealed record NormalFormGoldens(NormalFormGolden[] Cases);

    private sealed record NormalFormGolden(string Text, string Nfc);
}
