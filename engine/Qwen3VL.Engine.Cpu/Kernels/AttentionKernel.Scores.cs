using System.Runtime.CompilerServices;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <content>Products of queries with the keys of a block, and of weights with its values: the hot loops.</content>
internal static unsafe partial class AttentionKernel<TSimd, V>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourScores(float* query, int stride, float* keys, float* scores, int headDim)
    {
        V even0 = TSimd.Zero;
        V odd0 = TSimd.Zero;
        V even1 = TSimd.Zero;
        V odd1 = TSimd.Zero;
        V even2 = TSimd.Zero;
        V odd2 = TSimd.Zero;
        V even3 = TSimd.Zero;
        V odd3 = TSimd.Zero;
        for (int i = 0; i + 1 < headDim; i += 2)
        {
            V first = TSimd.Load(keys + i * BlockTokens);
            V second = TSimd.Load(keys + (i + 1) * BlockTokens);
            even0 = TSimd.MultiplyAdd(TSimd.Broadcast(query[i]), first, even0);
            odd0 = TSimd.MultiplyAdd(TSimd.Broadcast(query[i + 1]), second, odd0);
            even1 = TSimd.MultiplyAdd(TSimd.Broadcast(query[stride + i]), first, even1);
            odd1 = TSimd.MultiplyAdd(TSimd.Broadcast(query[stride + i + 1]), second, odd1);
            even2 = TSimd.MultiplyAdd(TSimd.Broadcast(query[2 * stride + i]), first, even2);
            odd2 = TSimd.MultiplyAdd(TSimd.Broadcast(query[2 * stride + i + 1]), second, odd2);
            even3 = TSimd.MultiplyAdd(TSimd.Broadcast(query[3 * stride + i]), first, even3);
            odd3 = TSimd.MultiplyAdd(TSimd.Broadcast(query[3 * stride + i + 1]), second, odd3);
        }

        if (headDim % 2 != 0)
        {
            V last = TSimd.Load(keys + (headDim - 1) * BlockTokens);
            even0 = TSimd.MultiplyAdd(TSimd.Broadcast(query[headDim - 1]), last, even0);
            even1 = TSimd.MultiplyAdd(TSimd.Broadcast(query[stride + headDim - 1]), last, even1);
            even2 = TSimd.MultiplyAdd(TSimd.Broadcast(query[2 * stride + headDim - 1]), last, even2);
            even3 = TSimd.MultiplyAdd(TSimd.Broadcast(query[3 * stride + headDim - 1]), last, even3);
        }

        TSimd.Store(scores, TSimd.Add(even0, odd0));
        TSimd.Store(scores + BlockTokens, TSimd.Add(even1, odd1));
        TSimd.Store(scores + 2 * BlockTokens, TSimd.Add(even2, odd2));
        TSimd.Store(scores + 3 * BlockTokens, TSimd.Add(even3, odd3));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoScores(float* query, int stride, float* keys, float* scores, int headDim, NextBlock next)
    {
        V even0 = TSimd.Zero;
        V odd0 = TSimd.Zero;
        V even1 = TSimd.Zero;
        V odd1 = TSimd.Zero;
        for (int i = 0; i + 1 < headDim; i += 2)
        {
            Prefetch.Line(next.Keys + i * BlockTokens);
            Prefetch.Line(next.Keys + (i + 1) * BlockTokens);
            Prefetch.Line(next.Values + i * BlockTokens);
            Prefetch.Line(next.Values + (i + 1) * BlockTokens);
            V first = TSimd.Load(keys + i * BlockTokens);
            V second = TSimd.Load(keys + (i + 1) * BlockTokens);
            even0 = TSimd.MultiplyAdd(TSimd.Broadcast(query[i]), first, even0);
            odd0 = TSimd.MultiplyAdd(TSimd.Broadcast(query[i + 1]), second, odd0);
            even1 = TSimd.MultiplyAdd(TSimd.Broadcast(query[stride + i]), first, even1);
            odd1 = TSimd.MultiplyAdd(TSimd.Broadcast(query[stride + i + 1]), second, odd1);
        }

        if (headDim % 2 != 0)
        {
            V last = TSimd.Load(keys + (headDim - 1) * BlockTokens);
            even0 = TSimd.MultiplyAdd(TSimd.Broadcast(query[headDim - 1]), last, even0);
            even1 = TSimd.MultiplyAdd(TSimd.Broadcast(query[stride + headDim - 1]), last, even1);
        }

        TSimd.Store(scores, TSimd.Add(even0, odd0));
        TSimd.Store(scores + BlockTokens, TSimd.Add(even1, odd1));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneScore(float* query, float* keys, float* scores, int headDim, NextBlock next)
    {
        V even0 = TSimd.Zero;
        V odd0 = TSimd.Zero;
        for (int i = 0; i + 1 < headDim; i += 2)
        {
            Prefetch.Line(next.Keys + i * BlockTokens);
            Prefetch.Line(next.Keys + (i + 1) * BlockTokens);
            Prefetch.Line(next.Values + i * BlockTokens);
            Prefetch.Line(next.Values + (i + 1) * BlockTokens);
            V first = TSimd.Load(keys + i * BlockTokens);
            V second = TSimd.Load(keys + (i + 1) * BlockTokens);
            even0 = TSimd.MultiplyAdd(TSimd.Broadcast(query[i]), first, even0);
            odd0 = TSimd.MultiplyAdd(TSimd.Broadcast(query[i + 1]), second, odd0);
        }

        if (headDim % 2 != 0)
        {
            V last = TSimd.Load(keys + (headDim - 1) * BlockTokens);
            even0 = TSimd.MultiplyAdd(TSimd.Broadcast(query[headDim - 1]), last, even0);
        }

        TSimd.Store(scores, TSimd.Add(even0, odd0));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddValues(float* sum, int stride, float* values, float* weights, float shrink, int visible)
    {
        V shrinks = TSimd.Broadcast(shrink);
        int i = 0;
        for (; i + 4 * TSimd.Width <= stride; i += 4 * TSimd.Width)
        {
            V s0 = TSimd.Multiply(TSimd.Load(sum + i), shrinks);
            V s1 = TSimd.Multiply(TSimd.Load(sum + i + TSimd.Width), shrinks);
            V s2 = TSimd.Multiply(TSimd.Load(sum + i + 2 * TSimd.Width), shrinks);
            V s3 = TSimd.Multiply(TSimd.Load(sum + i + 3 * TSimd.Width), shrinks);
            float* value = values + i;
            for (int key = 0; key < visible; key++, value += stride)
            {
                V weight = TSimd.Broadcast(weights[key]);
                s0 = TSimd.MultiplyAdd(weight, TSimd.Load(value), s0);
                s1 = TSimd.MultiplyAdd(weight, TSimd.Load(value + TSimd.Width), s1);
                s2 = TSimd.MultiplyAdd(weight, TSimd.Load(value + 2 * TSimd.Width), s2);
                s3 = TSimd.MultiplyAdd(weight, TSimd.Load(value + 3 * TSimd.Width), s3);
            }

            TSimd.Store(sum + i, s0);
            TSimd.Store(sum + i + TSimd.Width, s1);
            TSimd.Store(sum + i + 2 * TSimd.Width, s2);
            TSimd.Store(sum + i + 3 * TSimd.Width, s3);
        }

        for (; i < stride; i += TSimd.Width)
        {
            V s = TSimd.Multiply(TSimd.Load(sum + i), shrinks);
            for (int key = 0; key < visible; key++)
            {
                s = TSimd.MultiplyAdd(TSimd.Broadcast(weights[key]), TSimd.Load(values + key * stride + i), s);
            }

            TSimd.Store(sum + i, s);
        }
    }

    // What the following block will read: as many lines as the scores take steps, so that its memory arrives while this block is computed.
    private readonly struct NextBlock(float* keys, float* values)
    {
        internal float* Keys => keys;

        internal float* Values => values;
    }
}
