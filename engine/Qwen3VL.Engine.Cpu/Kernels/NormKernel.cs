using System.Runtime.CompilerServices;
using Qwen3VL.Engine.Cpu.Threading;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>RMSNorm and LayerNorm over groups of values. Sums run in a fixed order that depends on the group's length only.</summary>
internal static unsafe class NormKernel<TSimd, V>
    where TSimd : struct, ISimd<V>
    where V : struct
{
    private const long ParallelLength = 16 * 1024;

    /// <summary><c>x * rsqrt(mean(x^2) + epsilon) * weight</c> for each group of values.</summary>
    internal static void Rms(ThreadTeam team, float* x, float* weight, float* destination, (long Groups, int Size) shape, float epsilon) =>
        Run(team, new Arguments { X = x, Weight = weight, Destination = destination, Groups = shape.Groups, Size = shape.Size, Epsilon = epsilon });

    /// <summary><c>(x - mean) * rsqrt(variance + epsilon) * weight + bias</c> for each group.</summary>
    internal static void Layer(
        ThreadTeam team, float* x, (nint Weight, nint Bias) parameters, float* destination, (long Groups, int Size) shape, float epsilon) =>
        Run(team, new Arguments
        {
            X = x,
            Weight = (float*)parameters.Weight,
            Bias = (float*)parameters.Bias,
            Destination = destination,
            Groups = shape.Groups,
            Size = shape.Size,
            Epsilon = epsilon,
        });

    private static void Run(ThreadTeam team, Arguments arguments)
    {
        if (arguments.Groups * arguments.Size < ParallelLength)
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
        var arguments = (Arguments*)argument;
        (long begin, long end) = Partition.Range(arguments->Groups, part, parts);
        for (long group = begin; group < end; group++)
        {
            float* x = arguments->X + group * arguments->Size;
            float* destination = arguments->Destination + group * arguments->Size;
            if (arguments->Bias == null)
            {
                float inverse = 1f / MathF.Sqrt(SquaredDistance(x, arguments->Size, 0) / arguments->Size + arguments->Epsilon);
                ScaleGroup(x, arguments->Weight, destination, arguments->Size, inverse);
            }
            else
            {
                float mean = Sum(x, arguments->Size) / arguments->Size;
                float inverse = 1f / MathF.Sqrt(SquaredDistance(x, arguments->Size, mean) / arguments->Size + arguments->Epsilon);
                ShiftGroup(x, arguments, destination, mean, inverse);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Sum(float* x, int size)
    {
        V sum = TSimd.Zero;
        int i = 0;
        for (; i <= size - TSimd.Width; i += TSimd.Width)
        {
            sum = TSimd.Add(sum, TSimd.Load(x + i));
        }

        float total = TSimd.Sum(sum);
        for (; i < size; i++)
        {
            total += x[i];
        }

        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float SquaredDistance(float* x, int size, float centre)
    {
        V sum = TSimd.Zero;
        V centres = TSimd.Broadcast(centre);
        int i = 0;
        for (; i <= size - TSimd.Width; i += TSimd.Width)
        {
            V distance = TSimd.Subtract(TSimd.Load(x + i), centres);
            sum = TSimd.MultiplyAdd(distance, distance, sum);
        }

        float total = TSimd.Sum(sum);
        for (; i < size; i++)
        {
            total += (x[i] - centre) * (x[i] - centre);
        }

        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScaleGroup(float* x, float* weight, float* destination, int size, float inverse)
    {
        V inverses = TSimd.Broadcast(inverse);
        int i = 0;
        for (; i <= size - TSimd.Width; i += TSimd.Width)
        {
            TSimd.Store(destination + i, TSimd.Multiply(TSimd.Multiply(TSimd.Load(x + i), inverses), TSimd.Load(weight + i)));
        }

        for (; i < size; i++)
        {
            destination[i] = x[i] * inverse * weight[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ShiftGroup(float* x, Arguments* arguments, float* destination, float mean, float inverse)
    {
        V means = TSimd.Broadcast(mean);
        V inverses = TSimd.Broadcast(inverse);
        float* weight = arguments->Weight;
        float* bias = arguments->Bias;
        int i = 0;
        for (; i <= arguments->Size - TSimd.Width; i += TSimd.Width)
        {
            V normed = TSimd.Multiply(TSimd.Subtract(TSimd.Load(x + i), means), inverses);
            TSimd.Store(destination + i, TSimd.MultiplyAdd(normed, TSimd.Load(weight + i), TSimd.Load(bias + i)));
        }

        for (; i < arguments->Size; i++)
        {
            destination[i] = MathF.FusedMultiplyAdd((x[i] - mean) * inverse, weight[i], bias[i]);
        }
    }

    private struct Arguments
    {
        internal float* X;
        internal float* Weight;
        internal float* Bias;
        internal float* Destination;
        internal long Groups;
        internal int Size;
        internal float Epsilon;
    }
}
