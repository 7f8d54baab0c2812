using System.Runtime.CompilerServices;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>
/// <c>erf(x)</c> in 32-bit floats within 1e-7: <c>x P(x^2)</c> up to 1, beyond it <c>1 - e^Q(|x|)</c> with Q a fit of <c>ln erfc</c>. Odd; NaN
/// gives NaN.
/// </summary>
internal static class ErrorFunction
{
    private const float Border = 1f;

    // erfc(4) is below half a unit in the last place of 1.
    private const float Saturation = 4f;

    // erf(x) / x in powers of x^2 over 0..1: minimax fit, error below 1.2e-9.
    private const float P0 = 1.128379166e+00f;
    private const float P1 = -3.761262714e-01f;
    private const float P2 = 1.128360018e-01f;
    private const float P3 = -2.685444465e-02f;
    private const float P4 = 5.189535454e-03f;
    private const float P5 = -8.020842305e-04f;
    private const float P6 = 7.889122961e-05f;

    // ln erfc(t) over 0.95..4.1: minimax fit weighted by erfc, error of erf below 1.3e-9.
    private const float Q0 = -2.564461866e-04f;
    private const float Q1 = -1.127426084e+00f;
    private const float Q2 = -6.376000427e-01f;
    private const float Q3 = -1.035668885e-01f;
    private const float Q4 = 2.205199566e-02f;
    private const float Q5 = -2.999540236e-03f;
    private const float Q6 = 1.915040874e-04f;

    /// <summary><c>erf(x)</c> of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Of<TSimd, V>(V x)
        where TSimd : struct, ISimd<V>
        where V : struct
    {
        V magnitude = TSimd.Abs(x);
        V square = TSimd.Multiply(x, x);
        V small = TSimd.MultiplyAdd(TSimd.Broadcast(P6), square, TSimd.Broadcast(P5));
        small = TSimd.MultiplyAdd(small, square, TSimd.Broadcast(P4));
        small = TSimd.MultiplyAdd(small, square, TSimd.Broadcast(P3));
        small = TSimd.MultiplyAdd(small, square, TSimd.Broadcast(P2));
        small = TSimd.MultiplyAdd(small, square, TSimd.Broadcast(P1));
        small = TSimd.Multiply(TSimd.MultiplyAdd(small, square, TSimd.Broadcast(P0)), magnitude);

        V t = TSimd.Min(TSimd.Broadcast(Saturation), magnitude);
        V tail = TSimd.MultiplyAdd(TSimd.Broadcast(Q6), t, TSimd.Broadcast(Q5));
        tail = TSimd.MultiplyAdd(tail, t, TSimd.Broadcast(Q4));
        tail = TSimd.MultiplyAdd(tail, t, TSimd.Broadcast(Q3));
        tail = TSimd.MultiplyAdd(tail, t, TSimd.Broadcast(Q2));
        tail = TSimd.MultiplyAdd(tail, t, TSimd.Broadcast(Q1));
        tail = TSimd.MultiplyAdd(tail, t, TSimd.Broadcast(Q0));
        V large = TSimd.Subtract(TSimd.Broadcast(1f), Exponential.Of<TSimd, V>(tail));
        return TSimd.CopySign(TSimd.SelectLess(magnitude, TSimd.Broadcast(Border), small, large), x);
    }
}
