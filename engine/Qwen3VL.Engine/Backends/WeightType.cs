namespace Qwen3VL.Engine.Backends;

/// <summary>Element type of a weight. Every value of every type has exactly one 32-bit float.</summary>
public enum WeightType
{
    /// <summary>IEEE 32-bit float.</summary>
    F32,

    /// <summary>IEEE 16-bit float.</summary>
    F16,

    /// <summary>The upper half of a 32-bit float.</summary>
    BF16,

    /// <summary>
    /// Sign, 4 exponent bits with bias 7, 3 fraction bits; no infinities (P. Micikevicius et al., FP8 Formats for Deep Learning, E4M3). Comes
    /// with <see cref="WeightScales"/>. NaN is refused by the reader, so a backend never meets one.
    /// </summary>
    F8E4M3,
}
