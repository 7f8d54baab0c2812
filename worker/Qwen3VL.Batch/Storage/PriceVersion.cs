namespace Qwen3VL.Batch.Storage;

/// <summary>A price list. Never changed: a later one takes over. Nano units of the currency.</summary>
internal sealed record PriceVersion
{
    /// <summary>Its number; 0 before it is stored.</summary>
    public int Version { get; init; }

    /// <summary>From when it holds, UTC.</summary>
    public DateTime ValidFrom { get; init; }

    /// <summary>Three letters, ISO 4217.</summary>
    public string Currency { get; init; } = "";

    /// <summary>For a prompt token that was computed.</summary>
    public long NanoPerPromptToken { get; init; }

    /// <summary>For a prompt token from the cache.</summary>
    public long NanoPerCachedToken { get; init; }

    /// <summary>For a token of an answer.</summary>
    public long NanoPerOutputToken { get; init; }

    /// <summary>For a second of the engine.</summary>
    public long NanoPerEngineSecond { get; init; }
}
