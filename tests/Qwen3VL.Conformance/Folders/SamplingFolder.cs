using Qwen3VL.Conformance.Checks;
using Qwen3VL.Engine;
using Qwen3VL.Engine.Sampling;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Cases;

namespace Qwen3VL.Conformance.Folders;

/// <summary><c>sampling/*.json</c>: logits, parameters and previous ids -> the probabilities that the next token is drawn with.</summary>
internal sealed class SamplingFolder(string name, GoldenContext context) : GoldenFolder(name, context)
{
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
                SamplingGolden[] goldens = Goldens.ReadFile<SamplingGolden[]>(path);
                for (int i = 0; i < goldens.Length; i++)
                {
                    SamplingGolden golden = goldens[i];
                    cases.Case($"{file}[{i}]", check => Check(check, golden));
                }
            });
        }
    }

    private static void Check(CaseCheck check, SamplingGolden golden)
    {
        var sampling = new SamplingParameters
        {
            Temperature = golden.Temperature,
            TopK = golden.TopK,
            TopP = golden.TopP,
            MinP = golden.MinP,
            RepetitionPenalty = golden.RepetitionPenalty,
        };
        int vocabularySize = golden.Logits.Length;
        check.Equal("probabilities", golden.Probabilities.Length, vocabularySize);
        double[] actual = new Sampler(vocabularySize, vocabularySize).Probabilities(golden.Logits, sampling, golden.PreviousIds, golden.PreviousIds.Length);
        for (int tokenId = 0; tokenId < vocabularySize && check.HasPassed; tokenId++)
        {
            double expected = golden.Probabilities[tokenId];
            check.Close($"probability of {tokenId}", actual[tokenId], expected, Quantity.Feature);

            // A 32-bit float below this is 0 in the reference.
            if ((actual[tokenId] > float.Epsilon) != (expected > 0))
            {
                check.Fail($"token {tokenId} must be {(expected > 0 ? "kept" : "dropped")}; got probability {actual[tokenId]}");
            }
        }
    }
}
