namespace Qwen3VL.Batch.Planning;

/// <summary>Section <c>Planning</c>: defaults of what a job may choose.</summary>
internal sealed record PlanningOptions
{
    /// <summary>Resolution of PDF pages (the reference cookbook's 144).</summary>
    public int Dpi { get; init; } = 144;

    /// <summary>Pages of a chunk.</summary>
    public int PagesPerChunk { get; init; } = 1;

    /// <summary>Chunks of a group: how much one lease holds.</summary>
    public int ChunksPerGroup { get; init; } = 8;

    /// <summary>Length of a video window in seconds.</summary>
    public double WindowSeconds { get; init; } = 10;

    /// <summary>Overlap of neighbouring windows in seconds.</summary>
    public double OverlapSeconds { get; init; } = 2;

    /// <summary>Partial summaries that one reduction reads.</summary>
    public int SummaryFanIn { get; init; } = 4;

    /// <summary>Most tokens of one answer.</summary>
    public int MaxOutputTokens { get; init; } = 2_048;
}
