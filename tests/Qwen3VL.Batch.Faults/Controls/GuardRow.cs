namespace Qwen3VL.Batch.Faults.Controls;

/// <summary>One guard, or several that are taken away together.</summary>
/// <param name="Guard">Its name.</param>
/// <param name="Against">What it stops.</param>
/// <param name="Behind">Guards that do instead when it is gone; empty: the checker must report a violation.</param>
/// <param name="Scenario">Negative control that shows it; null when none takes it away.</param>
internal sealed record GuardRow(string Guard, string Against, IReadOnlyList<string> Behind, string? Scenario)
{
    /// <summary>Why no control takes it away, and what tries it instead; empty when one does.</summary>
    public string Why { get; init; } = "";
}
