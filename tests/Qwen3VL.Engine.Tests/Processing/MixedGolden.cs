namespace Qwen3VL.Engine.Tests.Processing;

/// <summary>One row of <c>processor/mixed.json</c>.</summary>
internal sealed record MixedGolden(string Clip, string Image, int[] Ids, string Text);
