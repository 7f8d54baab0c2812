namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>Something that is measured for the page on reliability.</summary>
/// <param name="Id">Name for <c>--only</c>.</param>
/// <param name="Title">Heading.</param>
/// <param name="Done">What is done, and with which programs: what a reader must know to judge the numbers.</param>
/// <param name="MeasureAsync">Measures it.</param>
internal sealed record Figure(string Id, string Title, string Done, Func<FigureRun, Task<IReadOnlyList<FigureRow>>> MeasureAsync);
