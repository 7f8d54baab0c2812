using System.Runtime.CompilerServices;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>
/// <c>e^x</c> in 32-bit floats within 2 units in the last place: <c>x = n ln 2 + r</c> with |r| up to half of ln 2 (W. J. Cody and W. Waite,
/// Software Manual for the Elementary Functions), a polynomial for <c>e^r</c>, and an exact scaling by 2^n. Results below the normal range
/// round to subnormals or zero; above it they are infinite; NaN gives NaN.
/// </summary>
internal static class Exponential
{
    // ln 2 in two parts: the first has few enough bits that n times it is exact.
    private const float LogTwoHigh = 0.693359375f;
    private const float LogTwoLow = -2.12194440e-4f;
    private const float InverseLogTwo = 1.44269504f;

    // e^x leaves the range of 32-bit floats, subnormals included, outside of these.
    private const float Lowest = -104f;
    private const float Highest = 89f;

    // (e^r - 1 - r) / r^2 over |r| <= ln 2 / 2: weighted minimax fit, relative error of e^r below 3.1e-9.
    private const float C2 = 4.999999343e-1f;
    private const float C3 = 1.666652040e-1f;
    private const float C4 = 4.166839079e-2f;
    private const float C5 = 8.368745116e-3f;
    private const float C6 = 1.381453999e-3f;

    /// <summary><c>e^x</c> of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Of<TSimd, V>(V x)
        where TSimd : struct, ISimd<V>
        where V : struct
    {
        V clamped = TSimd.Min(TSimd.Broadcast(Highest), TSimd.Max(TSimd.Broadcast(Lowest), x));
        V n = TSimd.Round(TSimd.Multiply(clamped, TSimd.Broadcast(InverseLogTwo)));
        V r = TSimd.MultiplyAdd(n, TSimd.Broadcast(-LogTwoHigh), clamped);
        r = TSimd.MultiplyAdd(n, TSimd.Broadcast(-LogTwoLow), r);
        V q = TSimd.MultiplyAdd(TSimd.Broadcast(C6), r, TSimd.Broadcast(C5));
        q = TSimd.MultiplyAdd(q, r, TSimd.Broadcast(C4));
        q = TSimd.MultiplyAdd(q, r, TSimd.Broadcast(C3));
        q = TSimd.MultiplyAdd(q, r, TSimd.Broadcast(C2));
        V p = TSimd.MultiplyAdd(TSimd.Multiply(q, r), r, r);
        return TSimd.Scale(TSimd.Add(p, TSimd.Broadcast(1f)), n);
    }
}
