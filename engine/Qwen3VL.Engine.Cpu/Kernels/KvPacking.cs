using Qwen3VL.Engine.Cpu.Threading;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>Moves key and value rows into the layout of <see cref="KvLayout"/>.</summary>
internal static unsafe class KvPacking
{
    private const long ParallelLength = 32 * 1024;

    /// <summary>Writes each row to its slot. Rows with equal slots must not be in one call.</summary>
    internal static void Write(ThreadTeam team, KvPackingArguments arguments)
    {
        if ((long)arguments.Rows * arguments.NumHeads * arguments.HeadDim < ParallelLength)
        {
            Part(&arguments, 0, 1);
        }
        else
        {
            team.Run(&Part, &arguments);
        }
    }

    private static void Part(void* argument, int part, int parts)
    {
        var arguments = (KvPackingArguments*)argument;
        (long begin, long end) = Partition.Range(arguments->Rows, part, parts, KvLayout.BlockTokens);
        for (long row = begin; row < end; row++)
        {
            WriteRow(arguments, row);
        }
    }

    private static void WriteRow(KvPackingArguments* arguments, long row)
    {
        int headDim = arguments->HeadDim;
        int stride = KvLayout.PaddedHeadDim(headDim);
        int slot = arguments->Slots[row];
        int offset = slot % KvLayout.BlockTokens;
        for (int head = 0; head < arguments->NumHeads; head++)
        {
            long source = (row * arguments->NumHeads + head) * headDim;
            long block = slot / KvLayout.BlockTokens * arguments->BlockStride + (long)head * KvLayout.BlockHeadLength(headDim);
            float* k = arguments->K + source;
            float* v = arguments->V + source;
            float* keys = arguments->Keys + block + offset;
            float* values = arguments->Values + block + (long)offset * stride;
            for (int i = 0; i < headDim; i++)
            {
                keys[i * KvLayout.BlockTokens] = k[i];
                values[i] = v[i];
            }
        }
    }
}
