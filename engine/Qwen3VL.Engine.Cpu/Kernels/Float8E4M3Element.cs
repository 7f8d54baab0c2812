using System.Runtime.CompilerServices;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>E4M3 with scales.</summary>
internal readonly unsafe struct Float8E4M3Element<TSimd, V> : IWeightElement<V>
    where TSimd : struct, ISimd<V>
    where V : struct
{
    /// <inheritdoc/>
    public static int SizeBytes => sizeof(byte);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadScales(float* scales) => TSimd.Load(scales);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(byte* source, V scales) => TSimd.Multiply(TSimd.LoadFloat8E4M3(source), scales);
}
