namespace Qwen3VL.Batch.Faults.Controls;

/// <summary>One guard, or several that are taken away together.</summary>
/// <param name="Guard">Its name.</param>
/// <param name="Against">What it stops.</param>
/// <param name="Behind">Guards that do instead when it is gone; empty: the checker must report a violation.</param>
/// <param name="Scenario">Negative control that shows it.</param>
internal sealed record GuardRow(string Guard, string Against, IReadOnlyList<string> Behind, string Scenario);
