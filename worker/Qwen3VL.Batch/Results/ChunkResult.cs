namespace Qwen3VL.Batch.Results;

/// <summary>Everything one chunk found: written in one transaction, or not at all.</summary>
internal sealed record ChunkResult
{
    /// <summary>Text of pages.</summary>
    public IReadOnlyList<PageResult> Pages { get; init; } = [];

    /// <summary>Captions of pages.</summary>
    public IReadOnlyList<CaptionResult> Captions { get; init; } = [];

    /// <summary>Boxes on pages.</summary>
    public IReadOnlyList<BoxResult> Boxes { get; init; } = [];

    /// <summary>Windows and events of a video.</summary>
    public IReadOnlyList<SegmentResult> Segments { get; init; } = [];

    /// <summary>Partial summaries.</summary>
    public IReadOnlyList<SummaryPart> SummaryParts { get; init; } = [];

    /// <summary>The job's whole summary, from the last reduce chunk.</summary>
    public string? JobSummary { get; init; }

    /// <summary>Answers that could not be read in full; raw text kept.</summary>
    public IReadOnlyList<ParseIssue> Issues { get; init; } = [];

    /// <summary>Tokens over all requests of the chunk.</summary>
    public ChunkUsage Usage { get; init; } = ChunkUsage.None;
}
