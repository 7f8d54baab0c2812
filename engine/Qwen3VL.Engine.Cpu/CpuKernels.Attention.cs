using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Cpu.Kernels;
using Qwen3VL.Engine.Cpu.Memory;

namespace Qwen3VL.Engine.Cpu;

/// <content>Operations on keys and values.</content>
internal sealed unsafe partial class CpuKernels
{
    private const int MaxLines = KvLayout.MaxLines;

    private AttentionUnit[] _units = new AttentionUnit[64];
    private int[] _tables = new int[256];
    private int[] _slots = new int[256];

    /// <inheritdoc/>
    public void WriteKv(KvCache cache, int layer, DeviceTensor k, DeviceTensor v, ReadOnlySpan<int> slots)
    {
        CpuKvCache target = Own(cache);
        CpuTensor keys = backend.Own(k);
        CpuTensor values = backend.Own(v);
        int width = target.Shape.KvHeads * target.Shape.HeadDim;
        Require((uint)layer < (uint)target.Shape.Layers, "WriteKv: layer must be one of the cache", layer, target.Shape.Layers);
        Require(keys.Columns == width && keys.Rows == slots.Length, "WriteKv: k must be [slots, kvHeads * headDim]", keys.Columns, width);
        Require(values.Columns == width && values.Rows == slots.Length, "WriteKv: v must be [slots, kvHeads * headDim]", values.Columns, width);
        foreach (int slot in slots)
        {
            Require((uint)slot < (uint)(target.Shape.Blocks * KvCacheShape.BlockTokens), "WriteKv: slots must lie in the cache", slot, target.Shape.Blocks);
        }

        fixed (int* slotPointer = slots)
        {
            kernels.WriteKv(new KvPackingArguments
            {
                K = keys.Data,
                V = values.Data,
                Keys = target.Keys(layer),
                Values = target.Values(layer),
                BlockStride = target.BlockStride,
                Slots = slotPointer,
                Rows = slots.Length,
                NumHeads = target.Shape.KvHeads,
                HeadDim = target.Shape.HeadDim,
            });
        }
    }

    /// <inheritdoc/>
    public DeviceTensor PagedAttention(DeviceTensor q, KvCache cache, int layer, AttentionBatch batch, float scale)
    {
        CpuTensor query = backend.Own(q);
        CpuKvCache source = Own(cache);
        KvCacheShape shape = source.Shape;
        Require((uint)layer < (uint)shape.Layers, "PagedAttention: layer must be one of the cache", layer, shape.Layers);
        Require(query.Columns % (shape.KvHeads * shape.HeadDim) == 0, "PagedAttention: columns of q must be whole groups of heads",
            query.Columns, shape.KvHeads * shape.HeadDim);
        int heads = query.Columns / shape.HeadDim;
        int group = Math.Min(heads / shape.KvHeads, MaxLines);
        CopyTables(batch, shape.Blocks, query.Rows);
        CpuTensor result = backend.NewTensor(query.Rows, query.Columns);
        fixed (int* tables = _tables)
        {
            (int units, long products) = BuildPagedUnits(batch, MaxLines / group, tables);
            RunAttention(
                new AttentionArguments
                {
                    Q = query.Data,
                    Destination = result.Data,
                    Keys = source.Keys(layer),
                    Values = source.Values(layer),
                    BlockStride = source.BlockStride,
                    NumHeads = heads,
                    NumKvHeads = shape.KvHeads,
                    HeadDim = shape.HeadDim,
                    Scale = scale,
                    NumUnits = units,
                },
                2 * products * query.Columns);
        }

        return result;
    }

    /// <inheritdoc/>
    public DeviceTensor SegmentAttention(DeviceTensor q, DeviceTensor k, DeviceTensor v, ReadOnlySpan<int> segmentStarts, int headDim, float scale)
    {
        CpuTensor query = backend.Own(q);
        CpuTensor keys = backend.Own(k);
        CpuTensor values = backend.Own(v);
        Require(headDim > 0 && query.Columns % headDim == 0, "SegmentAttention: columns of q must be whole heads", query.Columns, headDim);
        Require(keys.Rows == query.Rows && keys.Columns == query.Columns, "SegmentAttention: k must have the shape of q", keys.Columns, query.Columns);
        Require(values.Rows == query.Rows && values.Columns == query.Columns, "SegmentAttention: v must have the shape of q", values.Columns, query.Columns);
        CpuTensor result = backend.NewTensor(query.Rows, query.Columns);
        (int units, int blocks, long products) = BuildSegmentUnits(segmentStarts, query.Rows);
        int heads = query.Columns / headDim;
        long stride = (long)heads * KvLayout.BlockHeadLength(headDim);
        NativeBuffer packed = backend.RentScratch(2 * stride * blocks);
        try
        {
            float* packedKeys = packed.Pointer;
            float* packedValues = packedKeys + stride * blocks;
            fixed (int* slots = _slots)
            {
                kernels.WriteKv(new KvPackingArguments
                {
                    K = keys.Data,
                    V = values.Data,
                    Keys = packedKeys,
                    Values = packedValues,
                    BlockStride = stride,
                    Slots = slots,
                    Rows = query.Rows,
                    NumHeads = heads,
                    HeadDim = headDim,
                });
            }

            RunAttention(
                new AttentionArguments
                {
                    Q = query.Data,
                    Destination = result.Data,
                    Keys = packedKeys,
                    Values = packedValues,
                    BlockStride = stride,
                    NumHeads = heads,
                    NumKvHeads = heads,
                    HeadDim = headDim,
                    Scale = scale,
                    NumUnits = units,
                },
                2 * products * query.Columns);
        }
        finally
        {
            backend.ReturnScratch(packed);
        }

        return result;
    }

    private void RunAttention(AttentionArguments arguments, long products)
    {
        arguments.ScratchLength = kernels.AttentionScratchLength(arguments.HeadDim, arguments.NumGroups);
        NativeBuffer scratch = backend.RentScratch(arguments.ScratchLength * kernels.Threads);
        try
        {
            fixed (AttentionUnit* units = _units)
            {
                arguments.Units = units;
                arguments.Scratch = scratch.Pointer;
                kernels.Attention(arguments, products);
            }
        }
        finally
        {
            backend.ReturnScratch(scratch);
        }
    }

    // Checks the batch and copies the used part of its block tables behind each other into one array, which can be pinned.
    private void CopyTables(AttentionBatch batch, int numBlocks, int numRows)
    {
        Require(batch.QueryStarts.Length > batch.NumSequences && batch.ContextLengths.Length >= batch.NumSequences
            && batch.BlockTables.Length >= batch.NumSequences, "PagedAttention: arrays of the batch must cover its sequences",
            batch.BlockTables.Length, batch.NumSequences);
        Require(batch.QueryStarts[0] == 0 && batch.QueryStarts[batch.NumSequences] == numRows, "PagedAttention: query starts must cover the rows of q",
            batch.QueryStarts[batch.NumSequences], numRows);
        int count = 0;
        for (int sequence = 0; sequence < batch.NumSequences; sequence++)
        {
            int rows = batch.QueryStarts[sequence + 1] - batch.QueryStarts[sequence];
            int context = batch.ContextLengths[sequence];
            int blocks = BlocksOf(context);
            Require(rows >= 0 && rows <= context, "PagedAttention: a sequence must have at most as many queries as keys", rows, context);
            Require(batch.BlockTables[sequence].Length >= blocks, "PagedAttention: a block table must cover its context",
                batch.BlockTables[sequence].Length, blocks);
            if (_tables.Length < count + blocks)
            {
                Array.Resize(ref _tables, Math.Max(count + blocks, 2 * _tables.Length));
            }

            for (int i = 0; i < blocks; i++)
            {
                int block = batch.BlockTables[sequence][i];
                Require((uint)block < (uint)numBlocks, "PagedAttention: block ids must lie in the cache", block, numBlocks);
                _tables[count + i] = block;
            }

            count += blocks;
        }
    }

    private (int Units, long Products) BuildPagedUnits(AttentionBatch batch, int rowsPerUnit, int* tables)
    {
        int units = 0;
        long products = 0;
        int* table = tables;
        for (int sequence = 0; sequence < batch.NumSequences; sequence++)
        {
            int begin = batch.QueryStarts[sequence];
            int end = batch.QueryStarts[sequence + 1];
            int context = batch.ContextLengths[sequence];
            for (int row = begin; row < end; row += rowsPerUnit)
            {
                int rows = Math.Min(rowsPerUnit, end - row);
                Unit(units++) = new AttentionUnit
                {
                    FirstRow = row,
                    NumRows = rows,
                    FirstVisible = context - (end - row) + 1,
                    VisibleStep = 1,
                    BlockTable = table,
                };
                products += (long)rows * context;
            }

            table += BlocksOf(context);
        }

        return (units, products);
    }

    private (int Units, int Blocks, long Products) BuildSegmentUnits(ReadOnlySpan<int> segmentStarts, int numRows)
    {
        Require(segmentStarts.Length > 0 && segmentStarts[0] == 0 && segmentStarts[^1] == numRows,
            "SegmentAttention: segment starts must cover the rows of q", segmentStarts.Length > 0 ? segmentStarts[^1] : 0, numRows);
        if (_slots.Length < numRows)
        {
            _slots = new int[numRows];
        }

        int units = 0;
        int blocks = 0;
        long products = 0;
        for (int segment = 0; segment + 1 < segmentStarts.Length; segment++)
        {
            int begin = segmentStarts[segment];
            int length = segmentStarts[segment + 1] - begin;
            Require(length >= 0, "SegmentAttention: segment starts must ascend", segmentStarts[segment + 1], begin);
            for (int row = 0; row < length; row++)
            {
                _slots[begin + row] = blocks * KvLayout.BlockTokens + row;
            }

            for (int row = 0; row < length; row += MaxLines)
            {
                Unit(units++) = new AttentionUnit
                {
                    FirstRow = begin + row,
                    NumRows = Math.Min(MaxLines, length - row),
                    FirstVisible = length,
                    FirstBlock = blocks,
                };
            }

            products += (long)length * length;
            blocks += BlocksOf(length);
        }

        return (units, blocks, products);
    }

    private ref AttentionUnit Unit(int index)
    {
        if (index == _units.Length)
        {
            Array.Resize(ref _units, 2 * _units.Length);
        }

        return ref _units[index];
    }

    private static int BlocksOf(int tokens) => (tokens + KvLayout.BlockTokens - 1) / KvLayout.BlockTokens;
}
