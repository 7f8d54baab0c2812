namespace Qwen3VL.Engine.Tests.Processing;

/// <summary>One row of <c>tiny/cases.json</c>, as far as the processor is concerned.</summary>
internal sealed record TinyGolden(string Name, string? Input, string User, int[] PromptIds, int[][] Grid, double? Fps);
