namespace Qwen3VL.Batch.Storage;

/// <summary>What became of a price list that was to be added.</summary>
internal sealed record AddedPrice
{
    /// <summary>Its number; null when it was refused.</summary>
    public int? Version { get; init; }

    /// <summary>The currency of the first price list before it, which all others must have; null when there was none.</summary>
    public string? Currency { get; init; }
}
