namespace Qwen3VL.Batch.Contracts.V1;

/// <summary>How a job is done. Everything has a default; null means the worker's configured default.</summary>
public sealed record JobOptions
{
    /// <summary>First page, from 1.</summary>
    public int? FirstPage { get; init; }

    /// <summary>Last page, inclusive.</summary>
    public int? LastPage { get; init; }

    /// <summary>Resolution that PDF pages are rendered at, 36..600; the model's pixel bounds limit it further.</summary>
    public int? Dpi { get; init; }

    /// <summary>Upper bound of the pixels of one page or of one window's frames together; the model's own bound limits it further.</summary>
    public int? MaxPixels { get; init; }

    /// <summary>Frames a second sampled from a video, above 0 and up to 60.</summary>
    public double? FramesPerSecond { get; init; }

    /// <summary>Pages of one chunk, 1..64: the unit that is stored at once.</summary>
    public int? PagesPerChunk { get; init; }

    /// <summary>Length of a video window in seconds.</summary>
    public double? WindowSeconds { get; init; }

    /// <summary>Overlap of neighbouring windows in seconds; less than half a window.</summary>
    public double? OverlapSeconds { get; init; }

    /// <summary>Most tokens generated for one answer.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>0 is greedy decoding. The model's own value when absent, as for the other sampling options.</summary>
    public double? Temperature { get; init; }

    /// <summary>Nucleus sampling bound, (0, 1].</summary>
    public double? TopP { get; init; }

    /// <summary>Number of most probable tokens kept.</summary>
    public int? TopK { get; init; }

    /// <summary>Seed of sampling.</summary>
    public long? Seed { get; init; }
}
