namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>
/// How products read one element type of a weight. Implementations are empty structs. What they return is the exact 32-bit value, or for a
/// scaled type the product with the scale rounded once, so products do not depend on the type a value is held in.
/// </summary>
/// <typeparam name="V">The vector of 32-bit floats.</typeparam>
internal unsafe interface IWeightElement<V>
    where V : struct
{
    /// <summary>Bytes of one element.</summary>
    static abstract int SizeBytes { get; }

    /// <summary>Reads the scales of one vector of features; types without scales read nothing.</summary>
    static abstract V LoadScales(float* scales);

    /// <summary>Reads one vector of features.</summary>
    static abstract V Load(byte* source, V scales);
}
