using System.Runtime.CompilerServices;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>Exact GELU: <c>0.5 a (1 + erf(a / sqrt 2))</c>.</summary>
internal readonly struct GeluErfOperation<TSimd, V> : IElementOperation<TSimd, V>
    where TSimd : struct, ISimd<V>
    where V : struct
{
    private const float InverseSqrtTwo = 0.707106781f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply(V a, V b)
    {
        V erf = ErrorFunction.Of<TSimd, V>(TSimd.Multiply(a, TSimd.Broadcast(InverseSqrtTwo)));
        V half = TSimd.Multiply(a, TSimd.Broadcast(0.5f));
        return TSimd.MultiplyAdd(half, erf, half);
    }
}
