using System.Runtime.CompilerServices;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>32-bit floats as they are.</summary>
internal readonly unsafe struct Float32Element<TSimd, V> : IWeightElement<V>
    where TSimd : struct, ISimd<V>
    where V : struct
{
    /// <inheritdoc/>
    public static int SizeBytes => sizeof(float);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadScales(float* scales) => TSimd.Zero;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(byte* source, V scales) => TSimd.Load((float*)source);
}
