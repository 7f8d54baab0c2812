namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>
/// Operands of attention over blocks of keys and values. A unit of work is a run of queries of one sequence with the heads of one group: all
/// that share a key head, or as many of them as there are lines. Lengths are checked by the caller.
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

    /// <summary>Units, each for every group of heads.</summary>
    internal int NumUnits;

    /// <summary>Scratch of one thread behind the other.</summary>
    internal float* Scratch;

    /// <summary>Values of scratch per thread.</summary>
    internal long ScratchLength;

    /// <summary>Query heads that share a key head.</summary>
    internal readonly int HeadsPerKey => NumHeads / NumKvHeads;

    /// <summary>Query heads of a whole group.</summary>
    internal readonly int GroupHeads => Math.Min(HeadsPerKey, KvLayout.MaxLines);

    /// <summary>Groups of each key head; the last one may have fewer heads.</summary>
    internal readonly int GroupsPerKey => (HeadsPerKey + GroupHeads - 1) / GroupHeads;

    /// <summary>Groups in all.</summary>
    internal readonly int NumGroups => NumKvHeads * GroupsPerKey;

    /// <summary>First query head of a group and how many it has.</summary>
    internal readonly (int First, int Count) HeadsOf(int group)
    {
        int inKey = group % GroupsPerKey * GroupHeads;
        return (group / GroupsPerKey * HeadsPerKey + inKey, Math.Min(GroupHeads, HeadsPerKey - inKey));
    }
}
