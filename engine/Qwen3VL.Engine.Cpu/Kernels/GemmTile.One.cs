using System.Runtime.CompilerServices;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <content>The tile of 1 row: 2 sums in registers.</content>
internal static unsafe partial class GemmTile<TSimd, V>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One<TElement>(float* a, byte* b, float* scales, float* c, long stride, int k)
        where TElement : struct, IWeightElement<V>
    {
        V f0 = TElement.LoadScales(scales);
        V f1 = TElement.LoadScales(scales + TSimd.Width);
        V s0 = TSimd.Load(c);
        V t0 = TSimd.Load(c + TSimd.Width);
        for (int i = 0; i < k; i++)
        {
            V b0 = TElement.Load(b, f0);
            V b1 = TElement.Load(b + TSimd.Width * TElement.SizeBytes, f1);
            V a0 = TSimd.Broadcast(a[0]);
            s0 = TSimd.MultiplyAdd(a0, b0, s0);
            t0 = TSimd.MultiplyAdd(a0, b1, t0);
            a += 1;
            b += PackedMatrix.PanelWidth * TElement.SizeBytes;
        }

        TSimd.Store(c, s0);
        TSimd.Store(c + TSimd.Width, t0);
    }
}
