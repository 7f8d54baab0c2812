using System.Numerics;
using System.Runtime.InteropServices;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>Exact widening of 16-bit floats. Every 16-bit value has one 32-bit value, infinities and NaN included.</summary>
internal static class FloatConversion
{
    // Moving the 5-bit exponent (bias 15) into an 8-bit field (bias 127) scales by 2^-112; one exact product puts it back, also for the
    // subnormal numbers.
    private const uint TwoTo112Bits = (127u + 112u) << 23;

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
        if (source.Length != destination.Length)
        {
            throw new ArgumentException($"destination must have {source.Length} values; got {destination.Length}", nameof(destination));
        }

        return MemoryMarshal.Cast<float, uint>(destination);
    }
}
