namespace Qwen3VL.TestKit.Cases;

/// <summary>The JSON half of a golden case. Only the prompt must be there: a list that is left out is empty, a value that is left out is not compared.</summary>
public sealed record GoldenCaseHeader(
    int[] InputIds, int[][]? ImageGridThw = null, int[][]? VideoGridThw = null, int? RopeDelta = null, int[]? Greedy = null);
