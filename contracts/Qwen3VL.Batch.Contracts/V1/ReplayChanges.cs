namespace Qwen3VL.Batch.Contracts.V1;

/// <summary>What a follow-up job does differently from the job that it replays; null: the same. Bounds are those of <see cref="JobOptions"/>.</summary>
public sealed record ReplayChanges
{
    /// <summary>Resolution that PDF pages are rendered at.</summary>
    public int? Dpi { get; init; }

    /// <summary>Upper bound of the pixels of one page or of one window's frames together.</summary>
    public int? MaxPixels { get; init; }

    /// <summary>Pages of one chunk: a chunk of more pages is cut.</summary>
    public int? PagesPerChunk { get; init; }

    /// <summary>Most tokens generated for one answer.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>0 is greedy decoding.</summary>
    public double? Temperature { get; init; }

    /// <summary>Seed of sampling.</summary>
    public long? Seed { get; init; }
}
