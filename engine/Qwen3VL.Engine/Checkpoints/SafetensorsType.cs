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
}
