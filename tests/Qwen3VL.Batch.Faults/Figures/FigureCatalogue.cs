namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>Every figure there is.</summary>
internal static class FigureCatalogue
{
    /// <summary>In the order of the page.</summary>
    public static IReadOnlyList<Figure> All { get; } =
    [
        KillFigure.Figure, ZombieFigure.Figure, DatabaseCrashFigure.Figure, BrokerFigure.Figure, CancelFigure.Figure, ClaimFigure.Figure,
        ThroughputFigure.Figure, ReferenceFigure.Figure,
    ];

    /// <summary>Those named; all when none is.</summary>
    /// <exception cref="ArgumentException">A name is of none.</exception>
    public static IReadOnlyList<Figure> Select(IReadOnlyList<string> only)
    {
        string? unknown = only.FirstOrDefault(name => All.All(figure => figure.Id != name));
        return unknown is not null
            ? throw new ArgumentException($"--only must name figures of [{string.Join(' ', All.Select(figure => figure.Id))}]; got {unknown}")
            : [.. All.Where(figure => only.Count == 0 || only.Contains(figure.Id))];
    }
}
