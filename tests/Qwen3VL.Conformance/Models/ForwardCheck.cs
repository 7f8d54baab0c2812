using Qwen3VL.Conformance.Checks;
using Qwen3VL.TestKit.Cases;

namespace Qwen3VL.Conformance.Models;

/// <summary>Runs the model's forward pass over paged keys and values: once with the whole prompt, once in chunks, each with greedy decoding.</summary>
internal static class ForwardCheck
{
    // Longer than a block of 16 tokens and no multiple of one, so that edges fall inside blocks and inside images.
    private const int ChunkTokens = 19;

    /// <summary>Compares encoder outputs, layers, logits and greedy tokens.</summary>
    public static void Run(CaseCheck check, LoadedModel loaded, GoldenCase golden)
    {
        using (var driver = new ModelDriver(loaded.Model, golden))
        {
            EncoderCheck.Run(check, loaded, golden, driver.Images, "image");
            EncoderCheck.Run(check, loaded, golden, driver.Videos, "video");
            var layers = new LayerRecorder(loaded.Backend);
            loaded.Model.Observer = layers;
            float[] logits = driver.Prefill(golden.InputIds.Length);
            loaded.Model.Observer = null;
            CheckLayers(check, golden, layers);
            LogitCheck.Run(check, golden, logits);
            CheckGreedy(check, golden, driver, logits, "greedy");
        }

        using var chunked = new ModelDriver(loaded.Model, golden);
        float[] last = [];
        for (int first = 0; first < golden.InputIds.Length; first += ChunkTokens)
        {
            last = chunked.Prefill(Math.Min(ChunkTokens, golden.InputIds.Length - first));
        }

        int vocabulary = golden.Config.Text.VocabularySize;
        if (golden.FloatsOrNull("logits_last") is { } expected)
        {
            check.Close("logits_last after chunks", last.AsSpan(last.Length - vocabulary), expected, Quantity.Logit);
        }

        CheckGreedy(check, golden, chunked, last, "greedy after chunks");
    }

    private static void CheckLayers(CaseCheck check, GoldenCase golden, LayerRecorder layers)
    {
        check.Equal("layers", layers.LastRows.Count, golden.Config.Text.NumLayers);
        for (int layer = 0; layer < layers.LastRows.Count; layer++)
        {
            if (golden.FloatsOrNull($"layer_{layer}_last") is { } expected)
            {
                check.Close($"layer_{layer}_last", layers.LastRows[layer], expected, Quantity.Feature);
            }
        }
    }

    private static void CheckGreedy(CaseCheck check, GoldenCase golden, ModelDriver driver, float[] logits, string what)
    {
        float[]? expected = golden.FloatsOrNull("greedy_logprobs");
        check.Equal($"{what} log-probabilities", expected?.Length ?? golden.Greedy.Length, golden.Greedy.Length);
        int vocabulary = golden.Config.Text.VocabularySize;
        for (int i = 0; i < golden.Greedy.Length && check.HasPassed; i++)
        {
            double[] row = LogProbabilities.Of(logits.AsSpan(logits.Length - vocabulary));
            int best = Array.IndexOf(row, row.Max());
            check.Equal($"{what}[{i}]", best, golden.Greedy[i]);
            if (expected is not null && check.HasPassed)
            {
                check.Close($"{what} log-probability [{i}]", row[golden.Greedy[i]], expected[i], Quantity.LogProbability);
            }

            if (i + 1 < golden.Greedy.Length)
            {
                logits = driver.Decode(golden.Greedy[i]);
            }
        }
    }
}
