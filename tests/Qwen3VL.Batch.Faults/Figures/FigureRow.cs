namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>One number of the page.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The number with its unit, for a person.</param>
/// <param name="Basis">The count behind it: of how many it is.</param>
internal sealed record FigureRow(string Name, string Value, string Basis);
