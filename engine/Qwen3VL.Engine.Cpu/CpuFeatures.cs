using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Qwen3VL.Engine.Cpu;

/// <summary>What the processor can do, as the runtime reports it: switching features off in the environment switches them off here.</summary>
internal static class CpuFeatures
{
    /// <summary>The best level of this machine.</summary>
    internal static CpuFeatureLevel Best =>
        IsSupported(CpuFeatureLevel.Avx512) ? CpuFeatureLevel.Avx512
        : IsSupported(CpuFeatureLevel.Avx2) ? CpuFeatureLevel.Avx2
        : CpuFeatureLevel.Scalar;

    /// <summary>Whether kernels of a level run here.</summary>
    internal static bool IsSupported(CpuFeatureLevel level) => level switch
    {
        CpuFeatureLevel.Avx512 => Avx512F.IsSupported && Vector512.IsHardwareAccelerated,
        CpuFeatureLevel.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        _ => true,
    };
}
