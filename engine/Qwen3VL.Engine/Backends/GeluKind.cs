namespace Qwen3VL.Engine.Backends;

/// <summary>Which GELU: the two differ by up to 5e-4 and the model uses both.</summary>
public enum GeluKind
{
    /// <summary>The tanh approximation: blocks of the vision tower.</summary>
    Tanh,

    /// <summary>The exact form with erf: mergers.</summary>
    Erf,
}
