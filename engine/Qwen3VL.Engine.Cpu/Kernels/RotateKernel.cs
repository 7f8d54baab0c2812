using System.Runtime.CompilerServices;
using Qwen3VL.Engine.Cpu.Threading;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>NeoX rotation of heads: value j turns with value j + headDim / 2.</summary>
internal static unsafe class RotateKernel<TSimd, V>
    where TSimd : struct, ISimd<V>
    where V : struct
{
    private const long ParallelLength = 16 * 1024;

    /// <summary>Rotates <c>x [rows, heads * headDim]</c> by <c>cos, sin [rows, headDim / 2]</c>.</summary>
    internal static void Run(ThreadTeam team, RotateArguments arguments)
    {
        if (arguments.Rows * arguments.Heads * arguments.HeadDim < ParallelLength)
        {
            Part(&arguments, 0, 1);
        }
        else
        {
            team.Run(&Part, &arguments);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Part(void* argument, int part, int parts)
    {
        var arguments = (RotateArguments*)argument;
        int half = arguments->HeadDim / 2;
        (long begin, long end) = Partition.Range(arguments->Rows, part, parts);
        for (long row = begin; row < end; row++)
        {
            float* cos = arguments->Cos + row * half;
            float* sin = arguments->Sin + row * half;
            for (int head = 0; head < arguments->Heads; head++)
            {
                long offset = (row * arguments->Heads + head) * arguments->HeadDim;
                RotateHead(arguments->X + offset, cos, sin, arguments->Destination + offset, half);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RotateHead(float* x, float* cos, float* sin, float* destination, int half)
    {
        int j = 0;
        for (; j <= half - TSimd.Width; j += TSimd.Width)
        {
            V low = TSimd.Load(x + j);
            V high = TSimd.Load(x + half + j);
            V c = TSimd.Load(cos + j);
            V s = TSimd.Load(sin + j);
            TSimd.Store(destination + j, TSimd.Subtract(TSimd.Multiply(low, c), TSimd.Multiply(high, s)));
            TSimd.Store(destination + half + j, TSimd.Add(TSimd.Multiply(high, c), TSimd.Multiply(low, s)));
        }

        for (; j < half; j++)
        {
            float low = x[j];
            float high = x[half + j];
            destination[j] = low * cos[j] - high * sin[j];
            destination[half + j] = high * cos[j] + low * sin[j];
        }
    }
}
