using Qwen3VL.Engine.Backends;

namespace Qwen3VL.Engine.Cpu;

/// <content>Operations that move rows and columns.</content>
internal sealed unsafe partial class CpuKernels
{
    /// <inheritdoc/>
    public DeviceTensor SliceColumns(DeviceTensor x, int first, int count)
    {
        CpuTensor input = backend.Own(x);
        Require(first >= 0 && count > 0 && first <= input.Columns - count, $"SliceColumns: [{first}, +{count}) must lie in the columns of x",
            count, input.Columns);
        CpuTensor result = backend.NewTensor(input.Rows, count);
        for (int row = 0; row < input.Rows; row++)
        {
            Row(input, row).Slice(first, count).CopyTo(Row(result, row));
        }

        return result;
    }

    /// <inheritdoc/>
    public DeviceTensor Reshape(DeviceTensor x, int rows, int columns)
    {
        CpuTensor input = backend.Own(x);
        if ((long)rows * columns != input.Length)
        {
            throw new ArgumentException($"Reshape: [{rows}, {columns}] must have the {input.Length} values of x; got [{input.Rows}, {input.Columns}]");
        }

        CpuTensor result = backend.NewTensor(rows, columns);
        long bytes = input.Length * sizeof(float);
        Buffer.MemoryCopy(input.Data, result.Data, bytes, bytes);
        return result;
    }

    /// <inheritdoc/>
    public DeviceTensor GatherRows(DeviceTensor x, ReadOnlySpan<int> rows)
    {
        CpuTensor input = backend.Own(x);
        foreach (int row in rows)
        {
            Require((uint)row < (uint)input.Rows, "GatherRows: rows must lie in x", row, input.Rows);
        }

        CpuTensor result = backend.NewTensor(rows.Length, input.Columns);
        for (int i = 0; i < rows.Length; i++)
        {
            Row(input, rows[i]).CopyTo(Row(result, i));
        }

        return result;
    }

    /// <inheritdoc/>
    public void SetRows(DeviceTensor target, int first, DeviceTensor source, int firstSource, int count)
    {
        (CpuTensor to, CpuTensor from) = CheckRows("SetRows", target, first, source, firstSource, count);
        for (int i = 0; i < count; i++)
        {
            Row(from, firstSource + i).CopyTo(Row(to, first + i));
        }
    }

    /// <inheritdoc/>
    public void AddRows(DeviceTensor target, int first, DeviceTensor source, int firstSource, int count)
    {
        (CpuTensor to, CpuTensor from) = CheckRows("AddRows", target, first, source, firstSource, count);
        float* destination = to.Data + (long)first * to.Columns;
        kernels.Add(destination, from.Data + (long)firstSource * from.Columns, destination, (long)count * to.Columns);
    }

    private static Span<float> Row(CpuTensor tensor, int row) => new(tensor.Data + (long)row * tensor.Columns, tensor.Columns);

    private (CpuTensor Target, CpuTensor Source) CheckRows(
        string operation, DeviceTensor target, int first, DeviceTensor source, int firstSource, int count)
    {
        CpuTensor to = backend.Own(target);
        CpuTensor from = backend.Own(source);
        bool inside = count >= 0 && first >= 0 && first <= to.Rows - count && firstSource >= 0 && firstSource <= from.Rows - count;
        if (!inside || to.Columns != from.Columns || ReferenceEquals(to, from))
        {
            throw new ArgumentException(
                $"{operation}: {count} rows at {firstSource} of [{from.Rows}, {from.Columns}] must fit at {first} of another tensor; " +
                $"got [{to.Rows}, {to.Columns}]");
        }

        return (to, from);
    }
}
