namespace Qwen3VL.TestKit.Cases;

/// <summary>One row of <c>sampling/cases.json</c>: logits, parameters and previous ids, and the probabilities of the next token.</summary>
public sealed record SamplingGolden(
    double Temperature, int TopK, double TopP, double MinP, double RepetitionPenalty, int[] PreviousIds, float[] Logits, double[] Probabilities);
