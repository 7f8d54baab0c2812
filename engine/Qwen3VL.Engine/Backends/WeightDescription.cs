namespace Qwen3VL.Engine.Backends;

/// <summary>What a weight is, before its bytes are read.</summary>
/// <param name="Name">Checkpoint name.</param>
/// <param name="Rows">Output features of a matrix, 1 for a vector.</param>
/// <param name="Columns">Input features of a matrix, length of a vector.</param>
/// <param name="Type">Element type of the bytes that the reader delivers.</param>
public sealed record WeightDescription(string Name, int Rows, int Columns, WeightType Type)
{
    /// <summary>Block scales; null multiplies by nothing.</summary>
    public WeightScales? Scales { get; init; }

    /// <summary>Bytes of one element.</summary>
    public int ElementBytes => SizeOf(Type);

    /// <summary>Bytes of one row.</summary>
    public long RowBytes => (long)Columns * ElementBytes;

    /// <summary>Bytes of one element of a type.</summary>
    public static int SizeOf(WeightType type) => type switch
    {
        WeightType.F32 => sizeof(float),
        WeightType.F16 or WeightType.BF16 => sizeof(ushort),
        WeightType.F8E4M3 => sizeof(byte),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "type must be one of the weight types"),
    };

    /// <summary>Throws when no weight can be so.</summary>
    /// <exception cref="ArgumentException">A size is not positive, or the scales do not cover the shape.</exception>
    public void Check()
    {
        if (Rows < 1 || Columns < 1)
        {
            throw new ArgumentException($"{Name} must have positive sizes; got [{Rows}, {Columns}]");
        }

        Scales?.CheckCovers(Name, Rows, Columns);
    }
}
