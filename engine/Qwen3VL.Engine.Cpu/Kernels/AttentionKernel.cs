using System.Runtime.CompilerServices;
using Qwen3VL.Engine.Cpu.Threading;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>
/// Attention over blocks of sixteen keys with a running maximum and sum (M. Milakov and N. Gimelshein, Online normalizer calculation for
/// softmax): scores of one block at a time, never more. For every query the blocks start at key 0 and come in ascending order, and inside a
/// block the order of operations is fixed, so the result depends on the query and its keys only: not on the run of queries it was computed
/// with, on where the blocks lie, or on the number of threads.
/// </summary>
internal static unsafe partial class AttentionKernel<TSimd, V>
    where TSimd : struct, ISimd<V>
    where V : struct
{
    private const int BlockTokens = KvLayout.BlockTokens;
    private const long ParallelProducts = 512 * 1024;

    private const int MaxLines = KvLayout.MaxLines;

    // Lines of one key head up to which a unit walks the cache once for all its key heads. A decode step reads every key and value for one
    // or two lines: then memory in order counts (9.8 against 17.5 GB/s measured on one Zen 4 core). With more lines the first-level cache does.
    private const int StreamedLines = 4;

    /// <summary>Scratch values of one thread.</summary>
    internal static long ScratchLength(int headDim, int kvHeads) => kvHeads * HeadScratchLength(headDim);

    /// <summary>Runs all units.</summary>
    /// <param name="team">Threads.</param>
    /// <param name="arguments">Operands.</param>
    /// <param name="products">Multiplications in all, to decide whether to wake the team.</param>
    internal static void Run(ThreadTeam team, AttentionArguments arguments, long products)
    {
        if (products < ParallelProducts)
        {
            Part(&arguments, 0, 1);
        }
        else
        {
            team.Run(&Part, &arguments);
        }
    }

    // Units grow longer towards the end of a sequence: dealing them out in turn balances the threads. Few units are split by key heads.
    private static void Part(void* argument, int part, int parts)
    {
        var arguments = (AttentionArguments*)argument;
        int units = arguments->NumUnits;
        int splits = units % parts == 0 || units >= 4 * parts ? 1 : Math.Min(parts, arguments->NumKvHeads);
        float* scratch = arguments->Scratch + part * arguments->ScratchLength;
        for (int i = part; i < units * splits; i += parts)
        {
            AttentionUnit* unit = arguments->Units + i / splits;
            (long begin, long end) = Partition.Range(arguments->NumKvHeads, i % splits, splits);
            int step = unit->NumRows * (arguments->NumHeads / arguments->NumKvHeads) <= StreamedLines ? (int)(end - begin) : 1;
            for (long head = begin; head < end; head += step)
            {
                Unit(arguments, unit, ((int)head, (int)head + step), scratch);
            }
        }
    }

    private static void Unit(AttentionArguments* arguments, AttentionUnit* unit, (int Begin, int End) heads, float* scratch)
    {
        for (int head = heads.Begin; head < heads.End; head++)
        {
            LoadQueries(arguments, unit, head, LinesOf(arguments, scratch, head - heads.Begin));
        }

        int lastVisible = unit->FirstVisible + (unit->NumRows - 1) * unit->VisibleStep;
        int blocks = (lastVisible + BlockTokens - 1) / BlockTokens;
        for (int block = 0; block < blocks; block++)
        {
            for (int head = heads.Begin; head < heads.End; head++)
            {
                bool isLast = head == heads.End - 1;
                long offset = BlockOffset(arguments, unit, block, head);
                long nextOffset = BlockOffset(arguments, unit, isLast ? Math.Min(block + 1, blocks - 1) : block, isLast ? heads.Begin : head + 1);
                var next = new NextBlock(arguments->Keys + nextOffset, arguments->Values + nextOffset);
                Block(arguments, unit, LinesOf(arguments, scratch, head - heads.Begin), (block, offset), next);
            }
        }

        for (int head = heads.Begin; head < heads.End; head++)
        {
            StoreResults(arguments, unit, head, LinesOf(arguments, scratch, head - heads.Begin));
        }
    }

    // One block of keys and values of one key head for all lines of the unit.
    private static void Block(AttentionArguments* arguments, AttentionUnit* unit, Lines lines, (int Index, long Offset) block, NextBlock next)
    {
        int group = arguments->NumHeads / arguments->NumKvHeads;
        int count = unit->NumRows * group;
        Scores(lines, arguments->Keys + block.Offset, next, count, arguments->HeadDim);
        for (int line = 0; line < count; line++)
        {
            int visible = unit->FirstVisible + line / group * unit->VisibleStep - block.Index * BlockTokens;
            if (visible > 0)
            {
                Absorb(lines, line, arguments->Values + block.Offset, Math.Min(visible, BlockTokens));
            }
        }
    }

    private static Lines LinesOf(AttentionArguments* arguments, float* scratch, int head) =>
        new(scratch + head * HeadScratchLength(arguments->HeadDim), KvLayout.PaddedHeadDim(arguments->HeadDim));

    private static long HeadScratchLength(int headDim) => MaxLines * (2L * KvLayout.PaddedHeadDim(headDim) + BlockTokens + 2 * BlockTokens);

    private static long BlockOffset(AttentionArguments* arguments, AttentionUnit* unit, int block, int kvHead)
    {
        long blockId = unit->BlockTable == null ? unit->FirstBlock + block : unit->BlockTable[block];
        return blockId * arguments->BlockStride + (long)kvHead * KvLayout.BlockHeadLength(arguments->HeadDim);
    }

    private static void LoadQueries(AttentionArguments* arguments, AttentionUnit* unit, int kvHead, Lines lines)
    {
        int group = arguments->NumHeads / arguments->NumKvHeads;
        for (int line = 0; line < unit->NumRows * group; line++)
        {
            long row = unit->FirstRow + line / group;
            float* source = arguments->Q + (row * arguments->NumHeads + kvHead * group + line % group) * arguments->HeadDim;
            for (int i = 0; i < arguments->HeadDim; i++)
            {
                lines.Query(line)[i] = source[i] * arguments->Scale;
            }

            for (int i = 0; i < lines.Stride; i++)
            {
                lines.Sum(line)[i] = 0;
            }

            *lines.Maximum(line) = float.NegativeInfinity;
            *lines.Weight(line) = 0;
        }
    }

    private static void StoreResults(AttentionArguments* arguments, AttentionUnit* unit, int kvHead, Lines lines)
    {
        int group = arguments->NumHeads / arguments->NumKvHeads;
        for (int line = 0; line < unit->NumRows * group; line++)
        {
            long row = unit->FirstRow + line / group;
            float* destination = arguments->Destination + (row * arguments->NumHeads + kvHead * group + line % group) * arguments->HeadDim;
            float inverse = 1f / *lines.Weight(line);
            for (int i = 0; i < arguments->HeadDim; i++)
            {
                destination[i] = lines.Sum(line)[i] * inverse;
            }
        }
    }

    // Even and odd components are summed apart and then together, for every number of lines: a single sum would wait for itself.
    private static void Scores(Lines lines, float* keys, NextBlock next, int count, int headDim)
    {
        for (int lane = 0; lane < BlockTokens; lane += TSimd.Width)
        {
            int line = 0;
            for (; line + 4 <= count; line += 4)
            {
                FourScores(lines.Query(line), lines.Stride, keys + lane, lines.Score(line) + lane, headDim);
            }

            for (; line + 2 <= count; line += 2)
            {
                TwoScores(lines.Query(line), lines.Stride, keys + lane, lines.Score(line) + lane, headDim, next);
            }

            if (line < count)
            {
                OneScore(lines.Query(line), keys + lane, lines.Score(line) + lane, headDim, next);
            }
        }
    }

    // Brings one block into the running maximum, weight and sum of one line. Slots beyond the visible keys may hold anything, NaN included.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Absorb(Lines lines, int line, float* values, int visible)
    {
        float* scores = lines.Score(line);
        for (int i = visible; i < BlockTokens; i++)
        {
            scores[i] = float.NegativeInfinity;
        }

        V highest = TSimd.Load(scores);
        for (int lane = TSimd.Width; lane < BlockTokens; lane += TSimd.Width)
        {
            highest = TSimd.Max(highest, TSimd.Load(scores + lane));
        }

        float previous = *lines.Maximum(line);
        float maximum = Math.Max(previous, TSimd.MaxAcross(highest));
        V weights = TSimd.Zero;
        for (int lane = 0; lane < BlockTokens; lane += TSimd.Width)
        {
            V weight = Exponential.Of<TSimd, V>(TSimd.Subtract(TSimd.Load(scores + lane), TSimd.Broadcast(maximum)));
            TSimd.Store(scores + lane, weight);
            weights = TSimd.Add(weights, weight);
        }

        // e^0 is exactly 1: most blocks do not raise the maximum.
        float shrink = maximum == previous ? 1f : TSimd.First(Exponential.Of<TSimd, V>(TSimd.Broadcast(previous - maximum)));
        *lines.Maximum(line) = maximum;
        *lines.Weight(line) = MathF.FusedMultiplyAdd(*lines.Weight(line), shrink, TSimd.Sum(weights));
        AddValues(lines.Sum(line), lines.Stride, values, scores, shrink, visible);
    }

    // Scratch of one thread: for each line its scaled query, its unnormalised result, one block of scores, the maximum and the weight.
    private readonly struct Lines(float* memory, int stride)
    {
        internal int Stride => stride;

        internal float* Query(int line) => memory + line * stride;

        internal float* Sum(int line) => memory + (MaxLines + line) * stride;

        internal float* Score(int line) => memory + 2 * MaxLines * stride + line * BlockTokens;

        internal float* Maximum(int line) => memory + 2 * MaxLines * stride + MaxLines * BlockTokens + line;

        internal float* Weight(int line) => memory + 2 * MaxLines * stride + MaxLines * (BlockTokens + 1) + line;
    }
}
