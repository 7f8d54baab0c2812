using System.Runtime.CompilerServices;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <content>The tile of 2 rows: 4 sums in registers.</content>
internal static unsafe partial class GemmTile<TSimd, V>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two<TElement>(float* a, byte* b, float* scales, float* c, long stride, int k)
        where TElement : struct, IWeightElement<V>
    {
        V f0 = TElement.LoadScales(scales);
        V f1 = TElement.LoadScales(scales + TSimd.Width);
        V s0 = TSimd.Load(c);
        V t0 = TSimd.Load(c + TSimd.Width);
        V s1 = TSimd.Load(c + stride);
        V t1 = TSimd.Load(c + stride + TSimd.Width);
        for (int i = 0; i < k; i++)
        {
            V b0 = TElement.Load(b, f0);
            V b1 = TElement.Load(b + TSimd.Width * TElement.SizeBytes, f1);
            V a0 = TSimd.Broadcast(a[0]);
            s0 = TSimd.MultiplyAdd(a0, b0, s0);
            t0 = TSimd.MultiplyAdd(a0, b1, t0);
            V a1 = TSimd.Broadcast(a[1]);
            s1 = TSimd.MultiplyAdd(a1, b0, s1);
            t1 = TSimd.MultiplyAdd(a1, b1, t1);
            a += 2;
            b += PackedMatrix.PanelWidth * TElement.SizeBytes;
        }

        TSimd.Store(c, s0);
        TSimd.Store(c + TSimd.Width, t0);
        TSimd.Store(c + stride, s1);
        TSimd.Store(c + stride + TSimd.Width, t1);
    }
}
