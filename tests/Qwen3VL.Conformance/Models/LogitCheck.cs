using Qwen3VL.Conformance.Checks;
using Qwen3VL.TestKit.Cases;

namespace Qwen3VL.Conformance.Models;

/// <summary>Holds the logits of a whole prompt against <c>logits_last</c>, <c>top3_ids</c>, <c>top3_logprobs</c> and <c>prompt_logprobs</c>.</summary>
internal static class LogitCheck
{
    private const int Top = 3;

    /// <summary>Compares <c>[tokens, vocabulary]</c> logits with those of the four that the reference has.</summary>
    public static void Run(CaseCheck check, GoldenCase golden, float[] logits)
    {
        int vocabulary = golden.Config.Text.VocabularySize;
        if (golden.FloatsOrNull("logits_last") is { } last)
        {
            check.Close("logits_last", logits.AsSpan(logits.Length - vocabulary), last, Quantity.Logit);
        }

        double[][] rows = [.. Enumerable.Range(0, golden.InputIds.Length).Select(t => LogProbabilities.Of(logits.AsSpan(t * vocabulary, vocabulary)))];
        CheckTop(check, golden, rows);
        CheckPrompt(check, golden, rows);
    }

    private static void CheckTop(CaseCheck check, GoldenCase golden, double[][] rows)
    {
        if (!golden.Has("top3_ids") && !golden.Has("top3_logprobs"))
        {
            return;
        }

        // Where the reference has one of the two, the other is the engine's own.
        int[] ids = golden.Has("top3_ids") ? golden.Integers("top3_ids") : [.. rows.SelectMany(row => TopIds.Best(row, Top))];
        float[] values = golden.FloatsOrNull("top3_logprobs") ?? OwnValues(rows, ids);
        check.Equal("top3_ids", ids.Length, Top * rows.Length);
        check.Equal("top3_logprobs", values.Length, Top * rows.Length);
        for (int t = 0; t < rows.Length && check.HasPassed; t++)
        {
            TopIds.Check(check, $"top3[{t}]", rows[t], ids.AsSpan(Top * t, Top), values.AsSpan(Top * t, Top));
        }
    }

    private static float[] OwnValues(double[][] rows, int[] ids)
    {
        var values = new float[Top * rows.Length];
        for (int i = 0; i < Math.Min(values.Length, ids.Length); i++)
        {
            // An id beyond the vocabulary is a mismatch of its own.
            double[] row = rows[i / Top];
            values[i] = (uint)ids[i] < (uint)row.Length ? (float)row[ids[i]] : 0;
        }

        return values;
    }

    private static void CheckPrompt(CaseCheck check, GoldenCase golden, double[][] rows)
    {
        if (golden.FloatsOrNull("prompt_logprobs") is not { } expected)
        {
            return;
        }

        check.Equal("prompt_logprobs", expected.Length, golden.InputIds.Length - 1);
        for (int t = 1; t < golden.InputIds.Length && t <= expected.Length; t++)
        {
            check.Close($"prompt_logprobs[{t - 1}]", rows[t - 1][golden.InputIds[t]], expected[t - 1], Quantity.LogProbability);
        }
    }
}
