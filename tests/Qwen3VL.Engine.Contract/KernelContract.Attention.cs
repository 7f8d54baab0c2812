using Qwen3VL.Engine.Backends;
using Shouldly;

namespace Qwen3VL.Engine.Contract;

/// <content>Attention over paged keys and inside segments.</content>
public abstract partial class KernelContract
{
    [ContractFact]
    public void PagedAttention_ContextsAroundBlockEdges_EqualsSpecification()
    {
        foreach ((int heads, int kvHeads, int headDim) in new[] { (1, 1, 8), (4, 2, 24), (3, 1, 64), (8, 8, 20), (16, 1, 128), (6, 2, 17), (17, 1, 12), (66, 2, 8) })
        {
            foreach (int context in new[] { 1, 2, 15, 16, 17, 31, 33, 70 })
            {
                using var paged = new PagedCase(this, heads, kvHeads, headDim, [context], reversed: false);
                paged.Check([context]);
                paged.Check([1]);
                paged.Check([Math.Min(context, 5)]);
            }
        }
    }

    [ContractFact]
    public void PagedAttention_ScatteredBlocksAndNeighbours_ChangesNothing()
    {
        int[] contexts = [40, 7, 100, 16];
        using var ascending = new PagedCase(this, 4, 2, 32, contexts, reversed: false);
        using var reversed = new PagedCase(this, 4, 2, 32, contexts, reversed: true, ascending);
        int[] queries = [40, 1, 33, 16];
        float[] expected = ascending.Check(queries);
        ShouldBeSame(reversed.Check(queries), expected, "blocks in another order");

        // Each sequence alone, and then in two pieces.
        int row = 0;
        for (int sequence = 0; sequence < contexts.Length; sequence++)
        {
            int length = queries[sequence] * 4 * 32;
            float[] own = expected[row..(row + length)];
            ShouldBeSame(ascending.RunAlone(sequence, queries[sequence]), own, $"sequence {sequence} alone");
            for (int last = 1; last < queries[sequence]; last += 6)
            {
                ShouldBeSame(ascending.RunAlone(sequence, last), own[(length - last * 4 * 32)..], $"last {last} queries of sequence {sequence}");
            }

            row += length;
        }
    }

    [ContractFact]
    public void PagedAttention_GarbageInUnseenSlots_ChangesNothing()
    {
        using var paged = new PagedCase(this, 2, 1, 16, [19], reversed: false);
        float[] expected = paged.Check([19]);
        paged.Poison();
        ShouldBeSame(paged.Check([19]), expected, "garbage behind the context");
    }

    [ContractFact]
    public void PagedAttention_LargeScores_StaysFinite()
    {
        using var paged = new PagedCase(this, 2, 2, 16, [50], reversed: false) { Scale = 400 };
        paged.Check([50]);
    }

    [ContractFact]
    public void PagedAttention_WrongBatches_Throws()
    {
        using KvCache cache = Backend.CreateKvCache(new KvCacheShape(2, 3, 2, 16));
        using ITensorScope scope = Backend.OpenScope();
        DeviceTensor q = Backend.Upload(Values(2 * 64), 2, 64);
        DeviceTensor k = Backend.Upload(Values(2 * 32), 2, 32);
        void Run(int layer, AttentionBatch batch) => Backend.Kernels.PagedAttention(q, cache, layer, batch, 1);
        Should.NotThrow(() => Run(1, new AttentionBatch(1, [0, 2], [2], [[1]])));
        Should.Throw<ArgumentException>(() => Run(2, new AttentionBatch(1, [0, 2], [2], [[1]]))).Message.ShouldContain("PagedAttention");
        Should.Throw<ArgumentException>(() => Run(0, new AttentionBatch(1, [0, 2], [2], [[3]])));
        Should.Throw<ArgumentException>(() => Run(0, new AttentionBatch(1, [0, 2], [17], [[1]])));
        Should.Throw<ArgumentException>(() => Run(0, new AttentionBatch(1, [0, 1], [2], [[1]])));
        Should.Throw<ArgumentException>(() => Run(0, new AttentionBatch(1, [0, 2], [1], [[1]])));
        Should.Throw<ArgumentException>(() => Backend.Kernels.WriteKv(cache, 0, k, k, [0, 48])).Message.ShouldContain("WriteKv");
        Should.Throw<ArgumentException>(() => Backend.Kernels.WriteKv(cache, 0, k, k, [0]));
        Should.Throw<ArgumentException>(() => Backend.Kernels.WriteKv(cache, 0, q, k, [0, 1]));
    }

    [ContractFact]
    public void CreateKvCache_BeyondTheMachine_ThrowsInsufficientMemory()
    {
        var shape = new KvCacheShape(64, 4_000_000, 8, 128);
        Should.Throw<InsufficientMemoryException>(() => Backend.CreateKvCache(shape));
    }

    [ContractFact]
    public void SegmentAttention_SegmentsOfAnyLength_EqualsSpecification()
    {
        foreach ((int heads, int headDim) in new[] { (1, 8), (3, 24), (2, 72), (2, 64), (19, 4) })
        {
            foreach (int[] starts in new int[][] { [0, 1], [0, 5, 6, 6, 23], [0, 16, 48], [0, 33] })
            {
                CheckSegments(heads, headDim, starts);
            }
        }
    }

    [ContractFact]
    public void SegmentAttention_OtherSegments_ChangeNothing()
    {
        const int width = 48;
        float[] x = Values(60 * width);
        using ITensorScope scope = Backend.OpenScope();
        DeviceTensor all = Backend.Upload(x, 60, width);
        float[] together = Download(Backend.Kernels.SegmentAttention(all, all, all, [0, 20, 60], 24, 0.2f));
        DeviceTensor second = Backend.Upload(x.AsSpan(20 * width), 40, width);
        float[] alone = Download(Backend.Kernels.SegmentAttention(second, second, second, [0, 40], 24, 0.2f));
        ShouldBeSame(alone, together[(20 * width)..], "second segment");
    }

    [ContractFact]
    public void SegmentAttention_WrongShapes_Throws()
    {
        using ITensorScope scope = Backend.OpenScope();
        DeviceTensor x = Backend.Upload(Values(48), 3, 16);
        DeviceTensor y = Backend.Upload(Values(64), 4, 16);
        Should.Throw<ArgumentException>(() => Backend.Kernels.SegmentAttention(x, y, x, [0, 3], 8, 1)).Message.ShouldContain("SegmentAttention");
        Should.Throw<ArgumentException>(() => Backend.Kernels.SegmentAttention(x, x, x, [0, 2], 8, 1));
        Should.Throw<ArgumentException>(() => Backend.Kernels.SegmentAttention(x, x, x, [0, 3, 2, 3], 8, 1));
        Should.Throw<ArgumentException>(() => Backend.Kernels.SegmentAttention(x, x, x, [0, 3], 7, 1));
    }

    private void CheckSegments(int heads, int headDim, int[] starts)
    {
        int rows = starts[^1];
        int width = heads * headDim;
        float[] q = Values(rows * width);
        float[] k = Values(rows * width);
        float[] v = Values(rows * width);
        var expected = new float[rows * width];
        for (int segment = 0; segment + 1 < starts.Length; segment++)
        {
            int begin = starts[segment];
            for (int row = begin; row < starts[segment + 1]; row++)
            {
                for (int head = 0; head < heads; head++)
                {
                    int offset = head * headDim;
                    double[] result = ScalarKernels.Attend(q.AsSpan(row * width + offset, headDim), (t, i) => k[(begin + t) * width + offset + i],
                        (t, i) => v[(begin + t) * width + offset + i], starts[segment + 1] - begin, 0.3f);
                    result.Select(value => (float)value).ToArray().CopyTo(expected, row * width + offset);
                }
            }
        }

        using ITensorScope scope = Backend.OpenScope();
        float[] actual = Download(Backend.Kernels.SegmentAttention(
            Backend.Upload(q, rows, width), Backend.Upload(k, rows, width), Backend.Upload(v, rows, width), starts, headDim, 0.3f));
        ShouldMatch(actual, expected, 2, $"{heads} x {headDim}, {rows} rows");
    }
}
