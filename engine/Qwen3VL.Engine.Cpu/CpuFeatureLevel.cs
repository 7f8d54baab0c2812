namespace Qwen3VL.Engine.Cpu;

/// <summary>Which vector instructions the kernels are compiled for. Every level computes the same functions; sums are ordered differently.</summary>
public enum CpuFeatureLevel
{
    /// <summary>One value at a time: the portable fallback.</summary>
    Scalar,

    /// <summary>256-bit vectors with fused multiply-add.</summary>
    Avx2,

    /// <summary>512-bit vectors.</summary>
    Avx512,
}
