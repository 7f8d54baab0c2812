using System.Runtime.CompilerServices;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary><c>silu(a) * b</c> with <c>silu(a) = a / (1 + e^-a)</c>; where e^-a is infinite the quotient is zero, as it must be.</summary>
internal readonly struct SiluMulOperation<TSimd, V> : IElementOperation<TSimd, V>
    where TSimd : struct, ISimd<V>
    where V : struct
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply(V a, V b)
    {
        V denominator = TSimd.Add(TSimd.Broadcast(1f), Exponential.Of<TSimd, V>(TSimd.Subtract(TSimd.Zero, a)));
        return TSimd.Multiply(TSimd.Divide(a, denominator), b);
    }
}
