namespace Qwen3VL.TestKit.Cases;

/// <summary>One row of <c>tiny/cases.json</c>: a picture, a folder of frames or nothing, a question, and what the bundled model answers.</summary>
public sealed record TinyGolden(
    string Name, string User, int[] PromptIds, int[][] Grid, int[] Greedy, string Text, string? Input = null, double? Fps = null);
