using System.Runtime.CompilerServices;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>bfloat16.</summary>
internal readonly unsafe struct BFloat16Element<TSimd, V> : IWeightElement<V>
    where TSimd : struct, ISimd<V>
    where V : struct
{
    /// <inheritdoc/>
    public static int SizeBytes => sizeof(ushort);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LoadScales(float* scales) => TSimd.Zero;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(byte* source, V scales) => TSimd.LoadBFloat16((ushort*)source);
}
