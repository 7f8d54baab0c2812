using System.Runtime.CompilerServices;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary><c>a + b</c>.</summary>
internal readonly struct AddOperation<TSimd, V> : IElementOperation<TSimd, V>
    where TSimd : struct, ISimd<V>
    where V : struct
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply(V a, V b)
        => TSimd.Add(a, b);
}
