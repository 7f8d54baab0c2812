namespace Qwen3VL.TestKit.Cases;

/// <summary>One row of <c>evs/cases.json</c>; its vectors are <c>embeds_CASE</c> of <c>embeds.safetensors</c>.</summary>
public sealed record EvsGolden(int Case, int T, int H, int W, double Q, int Keep, int[] Kept);
