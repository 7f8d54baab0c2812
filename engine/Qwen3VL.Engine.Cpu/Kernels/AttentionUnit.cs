namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>A run of consecutive queries of one sequence or segment.</summary>
internal unsafe struct AttentionUnit
{
    /// <summary>First batch row.</summary>
    internal int FirstRow;

    /// <summary>Rows.</summary>
    internal int NumRows;

    /// <summary>Keys that the first row sees.</summary>
    internal int FirstVisible;

    /// <summary>Further keys that each next row sees: 1 when causal, 0 inside a segment.</summary>
    internal int VisibleStep;

    /// <summary>Block ids of the sequence, or null when its blocks follow each other from <see cref="FirstBlock"/>.</summary>
    internal int* BlockTable;

    /// <summary>First block when there is no table.</summary>
    internal int FirstBlock;
}
