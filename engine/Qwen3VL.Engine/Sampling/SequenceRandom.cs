namespace Qwen3VL.Engine.Sampling;

/// <summary>
/// The random numbers of one sequence: a function of its seed and the index of the output token, without state. What else is in the batch,
/// preemption and recompute cannot change them.
/// </summary>
/// <param name="seed">The request's seed.</param>
/// <remarks>SplitMix64 of Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators": the finaliser over a Weyl sequence.</remarks>
internal readonly struct SequenceRandom(ulong seed)
{
    // The odd constants of SplitMix64: 2^64 / golden ratio, and the two multipliers of its finaliser.
    private const ulong Weyl = 0x9E3779B97F4A7C15;
    private const ulong MixA = 0xBF58476D1CE4E5B9;
    private const ulong MixB = 0x94D049BB133111EB;

    /// <summary>The draw for one output token, uniform in [0, 1) with 53 bits.</summary>
    public double Draw(int outputIndex)
    {
        // The seed is mixed first: neighbouring seeds must not give shifted copies of one sequence.
        ulong value = Mix(Mix(seed + Weyl) + (((ulong)outputIndex + 1) * Weyl));
        return (value >> 11) * (1.0 / (1UL << 53));
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * MixA;
        value = (value ^ (value >> 27)) * MixB;
        return value ^ (value >> 31);
    }
}
