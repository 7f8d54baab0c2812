namespace Qwen3VL.TestKit.Cases;

/// <summary>The JSON half of a golden case.</summary>
public sealed record GoldenCaseHeader(int[] InputIds, int[][] ImageGridThw, int[][] VideoGridThw, int RopeDelta, int[] Greedy);
