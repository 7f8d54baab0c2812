namespace Qwen3VL.TestKit.Cases;

/// <summary>One row of <c>processor/mixed.json</c>.</summary>
public sealed record MixedGolden(string Clip, string Image, int[] Ids, string Text);
