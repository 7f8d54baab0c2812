namespace Qwen3VL.Engine.Checkpoints;

/// <summary>Where one tensor lies in a safetensors file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its dimensions, outermost first; empty for a scalar.</param>
/// <param name="FileOffset">First byte, from the start of the file.</param>
/// <param name="SizeBytes">Its bytes: elements x element size.</param>
internal sealed record SafetensorsEntry(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, long FileOffset, long SizeBytes)
{
    /// <summary>Values: product of the dimensions.</summary>
    internal long Length => SizeBytes / SizeOf(Type);

    /// <summary>Bytes of one element.</summary>
    internal static int SizeOf(SafetensorsType type) => type switch
    {
        SafetensorsType.BFloat16 or SafetensorsType.Float16 or SafetensorsType.Other16 => 2,
        SafetensorsType.Float32 or SafetensorsType.Other32 => 4,
        SafetensorsType.Int64 or SafetensorsType.Other64 => 8,
        SafetensorsType.UInt8 or SafetensorsType.Float8E4M3 or SafetensorsType.Other8 => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "type must be one of the known element types"),
    };
}
