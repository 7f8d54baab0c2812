using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Results;

namespace Qwen3VL.Batch.Storage;

/// <summary>A row of <c>vq.boxes</c> as Dapper fills it.</summary>
internal sealed record BoxRow
{
    /// <summary>Column <c>page_no</c>.</summary>
    public int PageNo { get; init; }

    /// <summary>Column <c>task</c>.</summary>
    public string Task { get; init; } = "";

    /// <summary>Column <c>box_no</c>.</summary>
    public int BoxNo { get; init; }

    /// <summary>Column <c>label</c>.</summary>
    public string Label { get; init; } = "";

    /// <summary>Column <c>rel_x0</c>.</summary>
    public double RelX0 { get; init; }

    /// <summary>Column <c>rel_y0</c>.</summary>
    public double RelY0 { get; init; }

    /// <summary>Column <c>rel_x1</c>.</summary>
    public double RelX1 { get; init; }

    /// <summary>Column <c>rel_y1</c>.</summary>
    public double RelY1 { get; init; }

    /// <summary>Column <c>px_x0</c>.</summary>
    public double PxX0 { get; init; }

    /// <summary>Column <c>px_y0</c>.</summary>
    public double PxY0 { get; init; }

    /// <summary>Column <c>px_x1</c>.</summary>
    public double PxX1 { get; init; }

    /// <summary>Column <c>px_y1</c>.</summary>
    public double PxY1 { get; init; }

    /// <summary>Column <c>adjusted</c>.</summary>
    public bool Adjusted { get; init; }

    /// <summary>The row as the worker's record.</summary>
    public BoxResult ToResult() => new(
        PageNo,
        StoredWord.Parse<JobTaskKind>(Task),
        BoxNo,
        Label,
        new BoxEdges(RelX0, RelY0, RelX1, RelY1),
        new BoxEdges(PxX0, PxY0, PxX1, PxY1),
        Adjusted);
}
