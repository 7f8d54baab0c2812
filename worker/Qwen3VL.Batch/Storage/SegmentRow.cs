using Qwen3VL.Batch.Results;

namespace Qwen3VL.Batch.Storage;

/// <summary>A row of <c>vq.segments</c> as Dapper fills it.</summary>
internal sealed record SegmentRow
{
    /// <summary>Column <c>kind</c>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Column <c>segment_no</c>.</summary>
    public int SegmentNo { get; init; }

    /// <summary>Column <c>start_ms</c>.</summary>
    public int StartMs { get; init; }

    /// <summary>Column <c>end_ms</c>.</summary>
    public int EndMs { get; init; }

    /// <summary>Column <c>body</c>.</summary>
    public string Text { get; init; } = "";

    /// <summary>Column <c>adjusted</c>.</summary>
    public bool Adjusted { get; init; }

    /// <summary>The row as the worker's record.</summary>
    public SegmentResult ToResult() => new(StoredWord.Parse<SegmentKind>(Kind), SegmentNo, StartMs, EndMs, Text, Adjusted);
}
