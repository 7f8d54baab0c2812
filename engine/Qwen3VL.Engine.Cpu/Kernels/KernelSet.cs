using System.Runtime.Intrinsics;
using Qwen3VL.Engine.Cpu.Threading;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>
/// The kernels of one vector level over raw memory. Callers have checked every length; buffers do not overlap unless a method allows it.
/// </summary>
internal abstract unsafe class KernelSet
{
    /// <summary>Kernels of a level.</summary>
    internal static KernelSet Create(CpuFeatureLevel level, ThreadTeam team) => level switch
    {
        CpuFeatureLevel.Avx512 => new VectorKernelSet<Avx512Simd, Vector512<float>>(team),
        CpuFeatureLevel.Avx2 => new VectorKernelSet<Avx2Simd, Vector256<float>>(team),
        _ => new VectorKernelSet<ScalarSimd, float>(team),
    };

    /// <summary>See <see cref="GemmKernel{TSimd, V}"/>.</summary>
    internal abstract void Gemm(GemmArguments arguments);

    /// <summary>RMSNorm of groups.</summary>
    internal abstract void RmsNorm(float* x, float* weight, float* destination, (long Groups, int Size) shape, float epsilon);

    /// <summary>LayerNorm of groups.</summary>
    internal abstract void LayerNorm(float* x, (nint Weight, nint Bias) parameters, float* destination, (long Groups, int Size) shape, float epsilon);

    /// <summary><c>silu(gate) * up</c>.</summary>
    internal abstract void SiluMul(float* gate, float* up, float* destination, long length);

    /// <summary>GELU by tanh.</summary>
    internal abstract void GeluTanh(float* x, float* destination, long length);

    /// <summary>GELU by erf.</summary>
    internal abstract void GeluErf(float* x, float* destination, long length);

    /// <summary><c>a + b</c>; the destination may be a.</summary>
    internal abstract void Add(float* a, float* b, float* destination, long length);

    /// <summary>NeoX rotation.</summary>
    internal abstract void Rotate(RotateArguments arguments);

    /// <summary>Writes keys and values to their slots.</summary>
    internal abstract void WriteKv(KvPackingArguments arguments);

    /// <summary>Attention over blocks.</summary>
    internal abstract void Attention(AttentionArguments arguments, long products);

    /// <summary>Scratch values of one thread in <see cref="Attention"/>.</summary>
    internal abstract long AttentionScratchLength(int headDim, int groups);

    /// <summary>Threads that need scratch.</summary>
    internal abstract int Threads { get; }
}
