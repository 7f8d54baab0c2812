namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>A figure as it was measured: kept as JSON beside the page, so that another can be measured anew without it.</summary>
/// <param name="Id">Name for <c>--only</c>.</param>
/// <param name="Command">What measures it again.</param>
/// <param name="MeasuredAt">When, UTC.</param>
/// <param name="Commit">State of the sources.</param>
/// <param name="Seconds">Time taken.</param>
/// <param name="Rows">The numbers.</param>
internal sealed record FigureResult(string Id, string Command, DateTimeOffset MeasuredAt, string Commit, double Seconds, IReadOnlyList<FigureRow> Rows);
