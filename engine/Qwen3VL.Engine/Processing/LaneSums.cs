using System.Numerics;
using System.Runtime.Intrinsics;

namespace Qwen3VL.Engine.Processing;

/// <summary>
/// Sums of 32-bit floats in the order in which the reference adds them on a CPU, so that a last bit is the same: lanes of eight, without
/// fused multiply-add. Source: pytorch/pytorch <c>aten/src/ATen/native/cpu</c>, <c>ReduceOpsKernel.cpp</c> (the 2-norm over the last
/// dimension) and <c>SumKernel.cpp</c> (the cascade sum over the last dimension). The result does not depend on the processor.
/// </summary>
internal static class LaneSums
{
    private const int Lanes = 8;

    // SumKernel.cpp: vectors taken at a time, levels of the cascade, and the fewest steps of a level as a power of two.
    private const int Ways = 4;
    private const int Levels = 4;
    private const int MinLevelPower = 4;

    /// <summary>Sum of the squares: eight running sums, then these one by one, then what is left over.</summary>
    public static float OfSquares(ReadOnlySpan<float> values)
    {
        int numVectors = values.Length / Lanes;
        Vector256<float> sums = default;
        for (int i = 0; i < numVectors; i++)
        {
            Vector256<float> vector = At(values, i);
            sums += vector * vector;
        }

        float sum = sums[0];
        for (int lane = 1; lane < Lanes; lane++)
        {
            sum += sums[lane];
        }

        for (int i = numVectors * Lanes; i < values.Length; i++)
        {
            sum += values[i] * values[i];
        }

        return sum;
    }

    /// <summary>Sum of the values: four cascades of vectors, then what is left over, then the lanes.</summary>
    public static float OfValues(ReadOnlySpan<float> values)
    {
        int numVectors = values.Length / Lanes;
        Span<Vector256<float>> sums = stackalloc Vector256<float>[Levels * Ways];
        Cascade(values, numVectors / Ways, sums);
        for (int i = numVectors / Ways * Ways; i < numVectors; i++)
        {
            sums[0] += At(values, i);
        }

        for (int way = 1; way < Ways; way++)
        {
            sums[0] += sums[way];
        }

        float sum = 0;
        for (int i = numVectors * Lanes; i < values.Length; i++)
        {
            sum += values[i];
        }

        for (int lane = 0; lane < Lanes; lane++)
        {
            sum += sums[0][lane];
        }

        return sum;
    }

    /// <summary>Adds <paramref name="size"/> steps of four vectors into the first four sums; a level is emptied into the next when it is full.</summary>
    private static void Cascade(ReadOnlySpan<float> values, int size, Span<Vector256<float>> sums)
    {
        sums.Clear();
        int levelPower = Math.Max(MinLevelPower, CeilingLog2(size) / Levels);
        int levelSteps = 1 << levelPower;
        int step = 0;
        while (step + levelSteps <= size)
        {
            for (int end = step + levelSteps; step < end; step++)
            {
                AddStep(values, step, sums);
            }

            for (int level = 1; level < Levels; level++)
            {
                Empty(sums, level - 1, level);
                sums.Slice((level - 1) * Ways, Ways).Clear();
                if ((step & ((long)(levelSteps - 1) << (level * levelPower))) != 0)
                {
                    break;
                }
            }
        }

        for (; step < size; step++)
        {
            AddStep(values, step, sums);
        }

        for (int level = 1; level < Levels; level++)
        {
            Empty(sums, level, 0);
        }
    }

    private static void AddStep(ReadOnlySpan<float> values, int step, Span<Vector256<float>> sums)
    {
        for (int way = 0; way < Ways; way++)
        {
            sums[way] += At(values, (step * Ways) + way);
        }
    }

    private static void Empty(Span<Vector256<float>> sums, int from, int into)
    {
        for (int way = 0; way < Ways; way++)
        {
            sums[(into * Ways) + way] += sums[(from * Ways) + way];
        }
    }

    private static Vector256<float> At(ReadOnlySpan<float> values, int vector) => Vector256.Create(values.Slice(vector * Lanes, Lanes));

    private static int CeilingLog2(int value) => value <= 2 ? 1 : BitOperations.Log2((uint)value - 1) + 1;
}
