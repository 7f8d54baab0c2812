using System.Runtime.CompilerServices;
using Qwen3VL.Engine.Cpu.Threading;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>
/// Applies an operation to whole tensors as flat arrays. The tail goes through a padded vector, so that a value's result does not depend on
/// where in the tensor it stands. Buffers may be the same; they must not overlap otherwise.
/// </summary>
internal static unsafe class ElementwiseKernel<TSimd, V, TOperation>
    where TSimd : struct, ISimd<V>
    where V : struct
    where TOperation : struct, IElementOperation<TSimd, V>
{
    // Waking the team costs a few microseconds; 16,384 values are about as long on one thread.
    private const long ParallelLength = 16 * 1024;

    /// <summary><c>destination[i] = operation(a[i], b[i])</c>; b may be a for functions of one value.</summary>
    internal static void Run(ThreadTeam team, float* a, float* b, float* destination, long length)
    {
        var arguments = new Arguments { A = a, B = b, Destination = destination, Length = length };
        if (length < ParallelLength)
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
        var arguments = (Arguments*)argument;
        (long begin, long end) = Partition.Range(arguments->Length, part, parts, NativeAlignment);
        float* a = arguments->A;
        float* b = arguments->B;
        float* destination = arguments->Destination;
        long i = begin;
        for (; i <= end - TSimd.Width; i += TSimd.Width)
        {
            TSimd.Store(destination + i, TOperation.Apply(TSimd.Load(a + i), TSimd.Load(b + i)));
        }

        if (i < end)
        {
            Tail(a + i, b + i, destination + i, (int)(end - i));
        }
    }

    private static void Tail(float* a, float* b, float* destination, int length)
    {
        float* padded = stackalloc float[2 * NativeAlignment];
        for (int i = 0; i < TSimd.Width; i++)
        {
            padded[i] = i < length ? a[i] : 0;
            padded[NativeAlignment + i] = i < length ? b[i] : 0;
        }

        TSimd.Store(padded, TOperation.Apply(TSimd.Load(padded), TSimd.Load(padded + NativeAlignment)));
        for (int i = 0; i < length; i++)
        {
            destination[i] = padded[i];
        }
    }

    // Values of a cache line: no two threads write the same one, and only the last part has a tail.
    private const int NativeAlignment = 16;

    private struct Arguments
    {
        internal float* A;
        internal float* B;
        internal float* Destination;
        internal long Length;
    }
}
