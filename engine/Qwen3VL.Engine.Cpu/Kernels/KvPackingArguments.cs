namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>Operands of a write to blocks of keys and values; lengths and slots are checked by the caller.</summary>
internal unsafe struct KvPackingArguments
{
    /// <summary><c>[rows, heads * headDim]</c>.</summary>
    internal float* K;

    /// <summary><c>[rows, heads * headDim]</c>.</summary>
    internal float* V;

    /// <summary>Keys of block 0, head 0.</summary>
    internal float* Keys;

    /// <summary>Values of block 0, head 0.</summary>
    internal float* Values;

    /// <summary>Values between two blocks.</summary>
    internal long BlockStride;

    /// <summary><c>[rows]</c> block id * 16 + offset.</summary>
    internal int* Slots;

    /// <summary>Rows.</summary>
    internal int Rows;

    /// <summary>Heads of a row.</summary>
    internal int NumHeads;

    /// <summary>Values of a head.</summary>
    internal int HeadDim;
}
