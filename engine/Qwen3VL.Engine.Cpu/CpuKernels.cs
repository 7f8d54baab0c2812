using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Cpu.Kernels;
using Qwen3VL.Engine.Cpu.Memory;

namespace Qwen3VL.Engine.Cpu;

/// <summary>The checked door of the kernels: every shape, id and slot is verified here, before raw memory is touched.</summary>
/// <param name="backend">Owner of memory.</param>
/// <param name="kernels">Kernels of the chosen level.</param>
internal sealed unsafe partial class CpuKernels(CpuBackend backend, KernelSet kernels) : IKernels
{
    /// <inheritdoc/>
    public DeviceTensor Embed(Weight table, ReadOnlySpan<int> tokenIds)
    {
        CpuWeight weights = Own(table);
        foreach (int tokenId in tokenIds)
        {
            if ((uint)tokenId >= (uint)weights.Rows)
            {
                throw new ArgumentException($"Embed: token ids must lie in 0..{weights.Rows - 1}; got {tokenId}", nameof(tokenIds));
            }
        }

        CpuTensor result = backend.NewTensor(tokenIds.Length, weights.Columns);
        for (int row = 0; row < tokenIds.Length; row++)
        {
            PackedMatrix.UnpackRow(weights.Packed, tokenIds[row], weights.Columns, result.Data + (long)row * weights.Columns);
        }

        return result;
    }

    /// <inheritdoc/>
    public DeviceTensor Linear(DeviceTensor x, Weight weight, Weight? bias = null)
    {
        CpuTensor input = backend.Own(x);
        CpuWeight weights = Own(weight);
        Require(input.Columns == weights.Columns, "Linear: columns of x must equal those of the weight", input.Columns, weights.Columns);
        Require(bias is null || (bias.Rows == 1 && bias.Columns == weights.Rows), "Linear: bias must have one value per output",
            bias?.Columns ?? 0, weights.Rows);
        CpuTensor result = backend.NewTensor(input.Rows, weights.Rows);
        NativeBuffer packed = backend.RentScratch(input.Length);
        try
        {
            kernels.Gemm(new GemmArguments
            {
                X = input.Data,
                PackedX = packed.Pointer,
                Weight = weights.Packed,
                Bias = bias is null ? null : Own(bias).Vector,
                Destination = result.Data,
                Rows = input.Rows,
                Columns = weights.Rows,
                Depth = weights.Columns,
            });
        }
        finally
        {
            backend.ReturnScratch(packed);
        }

        return result;
    }

    /// <inheritdoc/>
    public DeviceTensor RmsNorm(DeviceTensor x, Weight weight, float epsilon)
    {
        CpuTensor input = backend.Own(x);
        CpuWeight weights = Own(weight);
        Require(weights.Rows == 1 && input.Columns % weights.Columns == 0, "RmsNorm: columns of x must be a multiple of the weight",
            input.Columns, weights.Columns);
        CpuTensor result = backend.NewTensor(input.Rows, input.Columns);
        kernels.RmsNorm(input.Data, weights.Vector, result.Data, (input.Length / weights.Columns, weights.Columns), epsilon);
        return result;
    }

    /// <inheritdoc/>
    public DeviceTensor LayerNorm(DeviceTensor x, Weight weight, Weight bias, float epsilon)
    {
        CpuTensor input = backend.Own(x);
        CpuWeight weights = Own(weight);
        CpuWeight biases = Own(bias);
        Require(weights.Rows == 1 && weights.Columns == input.Columns, "LayerNorm: weight must have one value per column", weights.Columns, input.Columns);
        Require(biases.Rows == 1 && biases.Columns == input.Columns, "LayerNorm: bias must have one value per column", biases.Columns, input.Columns);
        CpuTensor result = backend.NewTensor(input.Rows, input.Columns);
        kernels.LayerNorm(input.Data, ((nint)weights.Vector, (nint)biases.Vector), result.Data, (input.Rows, input.Columns), epsilon);
        return result;
    }

    /// <inheritdoc/>
    public DeviceTensor SiluMul(DeviceTensor gate, DeviceTensor up)
    {
        (CpuTensor a, CpuTensor b, CpuTensor result) = Pair("SiluMul", gate, up);
        kernels.SiluMul(a.Data, b.Data, result.Data, a.Length);
        return result;
    }

    /// <inheritdoc/>
    public DeviceTensor Gelu(DeviceTensor x, GeluKind kind)
    {
        CpuTensor input = backend.Own(x);
        CpuTensor result = backend.NewTensor(input.Rows, input.Columns);
        if (kind == GeluKind.Tanh)
        {
            kernels.GeluTanh(input.Data, result.Data, input.Length);
        }
        else
        {
            kernels.GeluErf(input.Data, result.Data, input.Length);
        }

        return result;
    }

    /// <inheritdoc/>
    public DeviceTensor Add(DeviceTensor a, DeviceTensor b)
    {
        (CpuTensor first, CpuTensor second, CpuTensor result) = Pair("Add", a, b);
        kernels.Add(first.Data, second.Data, result.Data, first.Length);
        return result;
    }

    /// <inheritdoc/>
    public DeviceTensor Rotate(DeviceTensor x, DeviceTensor cos, DeviceTensor sin, int headDim)
    {
        CpuTensor input = backend.Own(x);
        CpuTensor cosines = backend.Own(cos);
        CpuTensor sines = backend.Own(sin);
        Require(headDim > 0 && headDim % 2 == 0 && input.Columns % headDim == 0, "Rotate: columns of x must be whole heads", input.Columns, headDim);
        Require(cosines.Rows == input.Rows && cosines.Columns * 2 == headDim, "Rotate: cos must be [rows, headDim / 2]", cosines.Columns, headDim / 2);
        Require(sines.Rows == input.Rows && sines.Columns * 2 == headDim, "Rotate: sin must be [rows, headDim / 2]", sines.Columns, headDim / 2);
        CpuTensor result = backend.NewTensor(input.Rows, input.Columns);
        kernels.Rotate(new RotateArguments
        {
            X = input.Data,
            Cos = cosines.Data,
            Sin = sines.Data,
            Destination = result.Data,
            Rows = input.Rows,
            Heads = input.Columns / headDim,
            HeadDim = headDim,
        });
        return result;
    }

    private static void Require(bool condition, string rule, int actual, int expected)
    {
        if (!condition)
        {
            throw new ArgumentException($"{rule}; got {actual} against {expected}");
        }
    }

    private (CpuTensor First, CpuTensor Second, CpuTensor Result) Pair(string operation, DeviceTensor a, DeviceTensor b)
    {
        CpuTensor first = backend.Own(a);
        CpuTensor second = backend.Own(b);
        if (first.Rows != second.Rows || first.Columns != second.Columns)
        {
            throw new ArgumentException(
                $"{operation}: shapes must be equal; got [{first.Rows}, {first.Columns}] and [{second.Rows}, {second.Columns}]");
        }

        return (first, second, backend.NewTensor(first.Rows, first.Columns));
    }

    private CpuWeight Own(Weight weight) =>
        weight is CpuWeight own && own.BelongsTo(backend)
            ? own
            : throw new ArgumentException("weight must belong to this backend; got one of another", nameof(weight));

    private CpuKvCache Own(KvCache cache) =>
        cache is CpuKvCache own && own.BelongsTo(backend)
            ? own
            : throw new ArgumentException("cache must belong to this backend; got one of another", nameof(cache));
}
