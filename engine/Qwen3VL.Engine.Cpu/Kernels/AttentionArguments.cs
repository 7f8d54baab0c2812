namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>
/// Operands of attention over blocks of keys and values. A unit of work is a run of queries of one sequence with all heads that share one
/// key head; lengths are checked by the caller.
/// </summary>
internal unsafe struct AttentionArguments
{
    /// <summary><c>[rows, heads * headDim]</c>.</summary>
    internal float* Q;

    /// <summary>Same shape as Q.</summary>
    internal float* Destination;

    /// <summary>Keys of block 0, head 0, as <see cref="KvLayout"/>.</summary>
    internal float* Keys;

    /// <summary>Values of block 0, head 0, as <see cref="KvLayout"/>.</summary>
    internal float* Values;

    /// <summary>Values between two blocks.</summary>
    internal long BlockStride;

    /// <summary>Query heads.</summary>
    internal int NumHeads;

    /// <summary>Key heads.</summary>
    internal int NumKvHeads;

    /// <summary>Values of a head.</summary>
    internal int HeadDim;

    /// <summary>Factor of every score.</summary>
    internal float Scale;

    /// <summary><c>[units]</c>.</summary>
    internal AttentionUnit* Units;

    /// <summary>Units, each for every key head.</summary>
    internal int NumUnits;

    /// <summary>Scratch of one thread behind the other.</summary>
    internal float* Scratch;

    /// <summary>Values of scratch per thread.</summary>
    internal long ScratchLength;
}
