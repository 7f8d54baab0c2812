namespace Qwen3VL.Engine;

/// <summary>Element type in which matrices are kept on the device. Vectors are always 32-bit floats.</summary>
public enum WeightStorage
{
    /// <summary>As the checkpoint stores each; results are those of the same values held as 32-bit floats, to the last bit.</summary>
    Stored,

    /// <summary>32-bit floats, exact: the same results for more memory.</summary>
    F32,

    /// <summary>bfloat16, rounded to nearest even where the checkpoint has more bits; changes results then.</summary>
    BF16,
}
