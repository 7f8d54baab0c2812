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

    // Lines of one group up to which a unit walks the cache once for all groups. A decode step reads every key and value for one
    // or two lines: then memory in order counts (9.8 against 17.5 GB/s measured on one Zen 4 core). With more lines the first-level cache does.
    private const int StreamedLines = 4;

    /// <summary>Scratch values of one thread.</summary>
    internal static long ScratchLength(int headDim, int groups) => groups * HeadScratchLength(headDim);

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

    // Units grow longer towards the end of a sequence: dealing them out in turn balances the threads. Few units are split by groups.
    private static void Part(void* argument, int part, int parts)
    {
        var arguments = (AttentionArguments*)argument;
        int units = arguments->NumUnits;
        int splits = units % parts == 0 || units >= 4 * parts ? 1 : Math.Min(parts, arguments->NumGroups);
        float* scratch = arguments->Scratch + part * arguments->ScratchLength;
        for (int i = part; i < units * splits; i += parts)
        {
            AttentionUnit* unit = arguments->Units + i / splits;
            (long begin, long end) = Partition.Range(arguments->NumGroups, i % splits, splits);
            int step = unit->NumRows * arguments->GroupHeads <= StreamedLines ? (int)(end - begin) : 1;
            for (long group = begin; group < end; group += step)
            {
                Unit(arguments, unit, ((int)group, (int)group + step), scratch);
            }
        }
    }

    private static void Unit(AttentionArguments* arguments, AttentionUnit* unit, (int Begin, int End) groups, float* scratch)
    {
        for (int group = groups.Begin; group < groups.End; group++)
        {
            LoadQueries(arguments, unit, group, LinesOf(arguments, scratch, group - groups.Begin));
        }

        int lastVisible = unit->FirstVisible + (unit->NumRows - 1) * unit->VisibleStep;
        int blocks = (lastVisible + BlockTokens - 1) / BlockTokens;
        for (int block = 0; block < blocks; block++)
        {
            for (int group = groups.Begin; group < groups.End; group++)
            {
                bool isLast = group == groups.End - 1;
                long offset = BlockOffset(arguments, unit, block, group);
                long nextOffset = BlockOffset(
                    arguments, unit, isLast ? Math.Min(block + 1, blocks - 1) : block, isLast ? groups.Begin : group + 1);
                var next = new NextBlock(arguments->Keys + nextOffset, arguments->Values + nextOffset);
                Block(arguments, unit, group, LinesOf(arguments, scratch, group - groups.Begin), (block, offset), next);
            }
        }

        for (int group = groups.Begin; group < groups.End; group++)
        {
            StoreResults(arguments, unit, group, LinesOf(arguments, scratch, group - groups.Begin));
        }
    }

    // One block of keys and values for all lines of one group of the unit.
    private static void Block(
        AttentionArguments* arguments, AttentionUnit* unit, int group, Lines lines, (int Index, long Offset) block, NextBlock next)
    {
        int heads = arguments->HeadsOf(group).Count;
        int count = unit->NumRows * heads;
        Scores(lines, arguments->Keys + block.Offset, next, count, arguments->HeadDim);
        for (int line = 0; line < count; line++)
        {
            int visible = unit->FirstVisible + line / heads * unit->VisibleStep - block.Index * BlockTokens;
            if (visible > 0)
            {
                Absorb(lines, line, arguments->Values + block.Offset, Math.Min(visible, BlockTokens));
            }
        }
    }

    private static Lines LinesOf(AttentionArguments* arguments, float* scratch, int group) =>
        new(scratch + group * HeadScratchLength(arguments->HeadDim), KvLayout.PaddedHeadDim(arguments->HeadDim));

    private static long HeadScratchLength(int headDim) => MaxLines * (2L * KvLayout.PaddedHeadDim(headDim) + BlockTokens + 2 * BlockTokens);

    private static long BlockOffset(AttentionArguments* arguments, AttentionUnit* unit, int block, int group)
    {
        int kvHead = group / arguments->GroupsPerKey;
        long blockId = unit->BlockTable == null ? unit->FirstBlock + block : unit->BlockTable[block];
        return blockId * arguments->BlockStride + (long)kvHead * KvLayout.BlockHeadLength(arguments->HeadDim);
    }

    private static void LoadQueries(AttentionArguments* arguments, AttentionUnit* unit, int group, Lines lines)
    {
        (int firstHead, int heads) = arguments->HeadsOf(group);
        for (int line = 0; line < unit->NumRows * heads; line++)
        {
            long row = unit->FirstRow + line / heads;
            float* source = arguments->Q + (row * arguments->NumHeads + firstHead + line % heads) * arguments->HeadDim;
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

    private static void StoreResults(AttentionArguments* arguments, AttentionUnit* unit, int group, Lines lines)
    {
        (int firstHead, int heads) = arguments->HeadsOf(group);
        for (int line = 0; line < unit->NumRows * heads; line++)
        {
            long row = unit->FirstRow + line / heads;
            float* destination = arguments->Destination + (row * arguments->NumHeads + firstHead + line % heads) * arguments->HeadDim;
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
