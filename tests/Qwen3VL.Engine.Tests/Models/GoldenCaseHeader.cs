namespace Qwen3VL.Engine.Tests.Models;

/// <summary>The JSON half of a golden case.</summary>
internal sealed record GoldenCaseHeader(int[] InputIds, int[][] ImageGridThw, int[][] VideoGridThw, int RopeDelta, int[] Greedy);
