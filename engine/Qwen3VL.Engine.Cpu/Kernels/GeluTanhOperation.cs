using System.Runtime.CompilerServices;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>
/// GELU by its tanh approximation (D. Hendrycks and K. Gimpel, Gaussian Error Linear Units):
/// <c>0.5 a (1 + tanh u) = a / (1 + e^-2u)</c> with <c>u = sqrt(2 / pi) (a + 0.044715 a^3)</c>.
/// </summary>
internal readonly struct GeluTanhOperation<TSimd, V> : IElementOperation<TSimd, V>
    where TSimd : struct, ISimd<V>
    where V : struct
{
    private const float CubeFactor = 0.044715f;
    private const float MinusTwoSqrtTwoOverPi = -1.59576912f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply(V a, V b)
    {
        V cube = TSimd.MultiplyAdd(TSimd.Multiply(TSimd.Multiply(a, a), a), TSimd.Broadcast(CubeFactor), a);
        V denominator = TSimd.Add(TSimd.Broadcast(1f), Exponential.Of<TSimd, V>(TSimd.Multiply(cube, TSimd.Broadcast(MinusTwoSqrtTwoOverPi))));
        return TSimd.Divide(a, denominator);
    }
}
