using System.Numerics;
using System.Runtime.InteropServices;
using Qwen3VL.Engine.Backends;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// Exact widening of 16-bit and 8-bit floats: every value has one 32-bit value, infinities and NaN included; and rounding to bfloat16.
/// </summary>
internal static class FloatConversion
{
    // Moving the 5-bit exponent (bias 15) into an 8-bit field (bias 127) scales by 2^-112; one exact product puts it back, also for the
    // subnormal numbers.
    private const uint TwoTo112Bits = (127u + 112u) << 23;

    private static readonly float[] Float8E4M3Values = ListFloat8E4M3();

    /// <summary>Values of any weight type to 32-bit floats, without scales. The spans have equal numbers of values and do not overlap.</summary>
    internal static void Widen(WeightType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        switch (type)
        {
            case WeightType.F32: source.CopyTo(MemoryMarshal.AsBytes(destination)); break;
            case WeightType.BF16: FromBFloat16(MemoryMarshal.Cast<byte, ushort>(source), destination); break;
            case WeightType.F16: FromFloat16(MemoryMarshal.Cast<byte, ushort>(source), destination); break;
            default: FromFloat8E4M3(source, destination); break;
        }
    }

    /// <summary>bfloat16 to 32-bit float: the bits move up by 16. The spans have equal lengths and do not overlap.</summary>
    internal static void FromBFloat16(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        Span<uint> bits = CheckedBits(source, destination);
        int i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(source[i..]), out Vector<uint> low, out Vector<uint> high);
            (low << 16).CopyTo(bits[i..]);
            (high << 16).CopyTo(bits[(i + Vector<uint>.Count)..]);
        }

        for (; i < source.Length; i++)
        {
            bits[i] = (uint)source[i] << 16;
        }
    }

    /// <summary>IEEE half to 32-bit float. The spans have equal lengths and do not overlap.</summary>
    internal static void FromFloat16(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        Span<uint> bits = CheckedBits(source, destination);
        int i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(source[i..]), out Vector<uint> low, out Vector<uint> high);
            Widen(low).CopyTo(bits[i..]);
            Widen(high).CopyTo(bits[(i + Vector<uint>.Count)..]);
        }

        for (; i < source.Length; i++)
        {
            destination[i] = (float)BitConverter.UInt16BitsToHalf(source[i]);
        }
    }

    /// <summary>E4M3 to 32-bit float, without scales. The spans have equal lengths and do not overlap.</summary>
    internal static void FromFloat8E4M3(ReadOnlySpan<byte> source, Span<float> destination)
    {
        CheckLengths(source.Length, destination.Length);
        ReadOnlySpan<float> values = Float8E4M3Values;
        for (int i = 0; i < source.Length; i++)
        {
            destination[i] = values[source[i]];
        }
    }

    /// <summary>32-bit float to bfloat16, to nearest and to even between two; NaN stays NaN. The spans have equal lengths and do not overlap.</summary>
    internal static void ToBFloat16(ReadOnlySpan<float> source, Span<ushort> destination)
    {
        CheckLengths(source.Length, destination.Length);
        for (int i = 0; i < source.Length; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(source[i]);

            // Half of the last kept bit, less one when that bit is even; NaN must not carry into infinity.
            destination[i] = float.IsNaN(source[i])
                ? (ushort)((bits >> 16) | 0x40)
                : (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
        }
    }

    private static float[] ListFloat8E4M3()
    {
        var values = new float[256];
        for (int code = 0; code < values.Length; code++)
        {
            int exponent = (code >> 3) & 15;
            int fraction = code & 7;
            float magnitude = (code & 0x7f) == 0x7f ? float.NaN
                : exponent == 0 ? MathF.ScaleB(fraction, -9)
                : MathF.ScaleB(8 + fraction, exponent - 10);
            values[code] = code >= 0x80 ? -magnitude : magnitude;
        }

        return values;
    }

    private static Vector<uint> Widen(Vector<uint> half)
    {
        Vector<uint> magnitude = half & new Vector<uint>(0x7fffu);
        Vector<uint> sign = (half & new Vector<uint>(0x8000u)) << 16;
        Vector<float> scaled = Vector.AsVectorSingle(magnitude << 13) * Vector.AsVectorSingle(new Vector<uint>(TwoTo112Bits));
        Vector<uint> special = Vector.GreaterThanOrEqual(magnitude, new Vector<uint>(0x7c00u)) & new Vector<uint>(0x7f800000u);
        return Vector.AsVectorUInt32(scaled) | special | sign;
    }

    private static Span<uint> CheckedBits(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        CheckLengths(source.Length, destination.Length);
        return MemoryMarshal.Cast<float, uint>(destination);
    }

    private static void CheckLengths(int source, int destination)
    {
        if (source != destination)
        {
            throw new ArgumentException($"destination must have {source} values; got {destination}", nameof(destination));
        }
    }
}
