namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// The largest sizes a configuration may ask for: far beyond every released model, and small enough that widths, heads x head size and values
/// of a patch stay in 32 bits.
/// </summary>
internal static class ConfigLimits
{
    /// <summary>Widths of hidden states and of feed-forward blocks.</summary>
    internal const int Width = 1 << 17;

    /// <summary>Layers or blocks.</summary>
    internal const int Layers = 1 << 10;

    /// <summary>Attention heads.</summary>
    internal const int Heads = 1 << 10;

    /// <summary>Values of a head.</summary>
    internal const int HeadDim = 1 << 10;

    /// <summary>Pixels of a patch's side, frames of a patch, channels.</summary>
    internal const int PatchSide = 1 << 7;

    /// <summary>Rows of an embedding table.</summary>
    internal const int TableRows = 1 << 22;

    /// <summary>Experts of a layer.</summary>
    internal const int Experts = 1 << 14;

    /// <summary>Refuses a key that is present with another value than the only one supported.</summary>
    internal static void RequireIfPresent(ConfigSection section, string key, string value)
    {
        if (section.TryString(key) is { } actual && actual != value)
        {
            throw section.Wrong(key, value, actual);
        }
    }
}
