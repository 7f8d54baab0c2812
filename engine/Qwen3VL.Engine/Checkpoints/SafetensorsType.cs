namespace Qwen3VL.Engine.Checkpoints;

/// <summary>Element types of the safetensors format that checkpoints of this family use.</summary>
internal enum SafetensorsType
{
    /// <summary><c>BF16</c>: the upper half of a 32-bit float.</summary>
    BFloat16,

    /// <summary><c>F16</c>.</summary>
    Float16,

    /// <summary><c>F32</c>.</summary>
    Float32,

    /// <summary><c>I64</c>.</summary>
    Int64,

    /// <summary><c>U8</c>.</summary>
    UInt8,

    /// <summary><c>F8_E4M3</c>.</summary>
    Float8E4M3,

    /// <summary>A type of one byte that no weight of the family has; known for its size.</summary>
    Other8,

    /// <summary>Likewise of two bytes.</summary>
    Other16,

    /// <summary>Likewise of four bytes.</summary>
    Other32,

    /// <summary>Likewise of eight bytes.</summary>
    Other64,
}
