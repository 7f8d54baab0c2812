namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>
/// Bit patterns that widen 16-bit and 8-bit floats: exponent and fraction are moved to where a 32-bit float has them, and one exact product
/// with a power of two corrects the exponent's bias, also for subnormal numbers.
/// </summary>
internal static class NarrowFloats
{
    /// <summary>All but the sign of an IEEE half.</summary>
    internal const int Float16Magnitude = 0x7fff;

    /// <summary>Magnitude of the largest finite half; above are infinity and NaN.</summary>
    internal const int Float16LargestFinite = 0x7bff;

    /// <summary>23 fraction bits less 10.</summary>
    internal const int Float16Shift = 13;

    /// <summary>2^(127 - 15).</summary>
    internal const float Float16Factor = 5.192296858534828e33f;

    /// <summary>Exponent of infinity and NaN.</summary>
    internal const int ExponentBits = 0x7f800000;

    /// <summary>23 fraction bits less 3.</summary>
    internal const int Float8Shift = 20;

    /// <summary>Where the 7 bits of an E4M3 magnitude stand after the shift.</summary>
    internal const int Float8Bits = 0x07f00000;

    /// <summary>2^(127 - 7), which corrects the exponent; multiplied into the scales once, so that a product with the scale does both.</summary>
    internal const float Float8Factor = 1.329227995784916e36f;

    /// <summary>Largest scale whose product with <see cref="Float8Factor"/> is finite.</summary>
    internal const float Float8LargestScale = 255;
}
