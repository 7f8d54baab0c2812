namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>
/// The vector operations that kernels are written in, once for every width. Implementations are empty structs: the runtime compiles each
/// kernel per implementation and the calls become single instructions. Everything is lane by lane unless it says otherwise.
/// </summary>
/// <typeparam name="V">The vector of 32-bit floats.</typeparam>
internal unsafe interface ISimd<V>
    where V : struct
{
    /// <summary>Lanes: 1, 8 or 16.</summary>
    static abstract int Width { get; }

    /// <summary>All lanes zero.</summary>
    static abstract V Zero { get; }

    /// <summary>Reads <see cref="Width"/> values; no alignment needed.</summary>
    static abstract V Load(float* source);

    /// <summary>Reads <see cref="Width"/> bfloat16 values, exactly; no alignment needed.</summary>
    static abstract V LoadBFloat16(ushort* source);

    /// <summary>Reads <see cref="Width"/> IEEE half values, exactly, infinities and NaN included; no alignment needed.</summary>
    static abstract V LoadFloat16(ushort* source);

    /// <summary>
    /// Reads <see cref="Width"/> E4M3 values, each exactly divided by <see cref="NarrowFloats.Float8Factor"/>; the two codes of NaN count as
    /// 480 and -480. No alignment needed.
    /// </summary>
    static abstract V LoadFloat8E4M3(byte* source);

    /// <summary>Writes <see cref="Width"/> values; no alignment needed.</summary>
    static abstract void Store(float* destination, V value);

    /// <summary>One value in all lanes.</summary>
    static abstract V Broadcast(float value);

    /// <summary><c>a + b</c>.</summary>
    static abstract V Add(V a, V b);

    /// <summary><c>a - b</c>.</summary>
    static abstract V Subtract(V a, V b);

    /// <summary><c>a * b</c>.</summary>
    static abstract V Multiply(V a, V b);

    /// <summary><c>a / b</c>.</summary>
    static abstract V Divide(V a, V b);

    /// <summary><c>a * b + c</c> with one rounding.</summary>
    static abstract V MultiplyAdd(V a, V b, V c);

    /// <summary>The larger; <paramref name="b"/> when either is NaN.</summary>
    static abstract V Max(V a, V b);

    /// <summary>The smaller; <paramref name="b"/> when either is NaN.</summary>
    static abstract V Min(V a, V b);

    /// <summary>Absolute value.</summary>
    static abstract V Abs(V value);

    /// <summary>Magnitude of the first with the sign of the second.</summary>
    static abstract V CopySign(V magnitude, V sign);

    /// <summary>Nearest integer, ties to even.</summary>
    static abstract V Round(V value);

    /// <summary><c>value * 2^exponent</c> for integral exponents in -252..254, rounded twice below the normal range.</summary>
    static abstract V Scale(V value, V exponent);

    /// <summary><c>a &lt; b ? ifLess : otherwise</c>.</summary>
    static abstract V SelectLess(V a, V b, V ifLess, V otherwise);

    /// <summary>The first lane.</summary>
    static abstract float First(V value);

    /// <summary>Sum over lanes in a fixed order.</summary>
    static abstract float Sum(V value);

    /// <summary>Largest lane.</summary>
    static abstract float MaxAcross(V value);
}
