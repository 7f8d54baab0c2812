using Qwen3VL.Batch.Contracts.V1;

namespace Qwen3VL.Batch.Results;

/// <summary>A box on a page, in both coordinate systems. Invariant: 0 &lt;= x0 &lt; x1 &lt;= width and the same for y, in pixels and in thousandths.</summary>
/// <param name="PageNo">From 1.</param>
/// <param name="Task"><see cref="JobTaskKind.Spotting"/> or <see cref="JobTaskKind.Grounding"/>.</param>
/// <param name="BoxNo">From 0, in the order of the answer, per page and task.</param>
/// <param name="Label">The object's name, or the text of the line.</param>
/// <param name="Relative">x0, y0, x1, y1 in 0..1000 of the upright page, after clamping.</param>
/// <param name="Pixels">x0, y0, x1, y1 in pixels of the page raster.</param>
/// <param name="Adjusted">The model's numbers were out of order or out of range and were repaired.</param>
internal sealed record BoxResult(int PageNo, JobTaskKind Task, int BoxNo, string Label, BoxEdges Relative, BoxEdges Pixels, bool Adjusted);
