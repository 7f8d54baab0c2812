using System.Runtime.InteropServices;
using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Cpu;

namespace Qwen3VL.Benchmarks;

/// <summary>Single kernels at the shapes of the 2B model.</summary>
internal static class KernelBenchmarks
{
    private const int Hidden = 2048;
    private const int Intermediate = 6144;

    /// <summary>Prints products per second of matrix products and bytes per second of attention.</summary>
    internal static void Run(CpuBackend backend)
    {
        var random = new Random(1);
        float[] values = Enumerable.Range(0, Hidden * Intermediate).Select(_ => random.NextSingle() - 0.5f).ToArray();
        foreach (WeightType type in Enum.GetValues<WeightType>())
        {
            Linear(backend, values, type);
        }

        PagedAttention(backend, context: 32768, queries: 1);
        PagedAttention(backend, context: 2048, queries: 512);
        SegmentAttention(backend, patches: 4096);
    }

    // One weight in each type; rows of x from decoding one sequence to reading a prompt.
    private static void Linear(CpuBackend backend, float[] values, WeightType type)
    {
        byte[] stored = Narrow(values, type);
        var description = new WeightDescription("weight", Intermediate, Hidden, type);
        using Weight weight = backend.CreateWeight(
            description, (firstRow, destination) => stored.AsSpan((int)(firstRow * description.RowBytes), destination.Length).CopyTo(destination));
        foreach (int rows in new[] { 1, 2, 4, 8, 16, 64, 512, 2048 })
        {
            using ITensorScope scope = backend.OpenScope();
            DeviceTensor x = backend.Upload(values.AsSpan(0, rows * Hidden), rows, Hidden);
            Timing timing = Measurement.Take(() => Discard(backend, () => backend.Kernels.Linear(x, weight)));
            Report.Line($"linear {type} {rows} x {Hidden} x {Intermediate}", timing, 2e-9 * rows * Hidden * Intermediate, "GFLOP");
            if (rows <= 8)
            {
                Report.Line("  bytes of weights", timing, 1e-9 * stored.Length, "GB");
            }
        }
    }

    private static byte[] Narrow(float[] values, WeightType type) => type switch
    {
        WeightType.F32 => MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
        WeightType.F16 => MemoryMarshal.AsBytes(values.Select(value => (Half)value).ToArray().AsSpan()).ToArray(),
        WeightType.BF16 => MemoryMarshal.AsBytes(values.Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)).ToArray().AsSpan()).ToArray(),
        _ => values.Select(value => (byte)((byte)(Math.Abs(value) * 0xdc) | (value < 0 ? 0x80 : 0))).ToArray(),
    };

    private static void PagedAttention(CpuBackend backend, int context, int queries)
    {
        const int heads = 16;
        const int kvHeads = 8;
        const int headDim = 128;
        using KvCache cache = backend.CreateKvCache(new KvCacheShape(1, context / KvCacheShape.BlockTokens, kvHeads, headDim));
        using ITensorScope scope = backend.OpenScope();
        DeviceTensor q = backend.Upload(new float[queries * heads * headDim], queries, heads * headDim);
        int[] table = Enumerable.Range(0, context / KvCacheShape.BlockTokens).ToArray();
        var batch = new AttentionBatch(1, [0, queries], [context], [table]);
        Timing timing = Measurement.Take(() => Discard(backend, () => backend.Kernels.PagedAttention(q, cache, 0, batch, 0.1f)));
        Report.Line($"paged attention, {queries} queries, {context} keys", timing, 4e-9 * queries * (context - queries / 2) * heads * headDim, "GFLOP");
        Report.Line("  bytes of cache", timing, 2e-9 * context * kvHeads * headDim * sizeof(float), "GB");
    }

    private static void SegmentAttention(CpuBackend backend, int patches)
    {
        const int heads = 16;
        const int headDim = 64;
        using ITensorScope scope = backend.OpenScope();
        DeviceTensor x = backend.Upload(new float[patches * heads * headDim], patches, heads * headDim);
        int[] segments = [0, patches];
        Timing timing = Measurement.Take(() => Discard(backend, () => backend.Kernels.SegmentAttention(x, x, x, segments, headDim, 0.1f)));
        Report.Line($"segment attention, {patches} patches", timing, 4e-9 * patches * patches * heads * headDim, "GFLOP");
    }

    // The result lives in a scope of its own, as between two layers.
    private static void Discard(CpuBackend backend, Func<DeviceTensor> kernel)
    {
        using ITensorScope scope = backend.OpenScope();
        kernel();
    }
}
