using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Cpu.Kernels;
using Qwen3VL.Engine.Cpu.Memory;

namespace Qwen3VL.Engine.Cpu;

/// <summary>
/// A weight in native memory: a matrix as <see cref="PackedMatrix"/>, once, for products and for embedding rows alike; a vector as it is.
/// </summary>
internal sealed unsafe class CpuWeight : Weight
{
    private readonly CpuBackend _backend;
    private NativeBuffer? _values;
    private NativeBuffer? _packedVector;

    /// <summary>Allocates a weight without values; <see cref="SetRows"/> gives every row its own.</summary>
    internal CpuWeight(CpuBackend backend, string name, int rows, int columns)
        : base(name, rows, columns)
    {
        _backend = backend;
        _values = NativeBuffer.Allocate(rows == 1 ? columns : PackedMatrix.Length(rows, columns));
        SizeBytes = _values.Length * sizeof(float);
        backend.WeightBytes += SizeBytes;
    }

    /// <summary>Bytes of native memory.</summary>
    internal long SizeBytes { get; private set; }

    /// <summary>The values of a vector.</summary>
    internal float* Vector => Values.Pointer;

    /// <summary>The packed form. A vector is packed on first use as a matrix of one row, which no model of this family does.</summary>
    internal float* Packed
    {
        get
        {
            NativeBuffer values = Values;
            if (Rows > 1)
            {
                return values.Pointer;
            }

            if (_packedVector is null)
            {
                _packedVector = NativeBuffer.Allocate(PackedMatrix.Length(1, Columns));
                PackedMatrix.Pack(new ReadOnlySpan<float>(values.Pointer, Columns), 1, Columns, _packedVector.Pointer);
                _backend.WeightBytes += _packedVector.Length * sizeof(float);
                SizeBytes += _packedVector.Length * sizeof(float);
            }

            return _packedVector.Pointer;
        }
    }

    private NativeBuffer Values
    {
        get
        {
            ObjectDisposedException.ThrowIf(_values is null, this);
            return _values;
        }
    }

    /// <summary>
    /// Copies whole row-major rows; lengths are checked by the caller. <paramref name="firstRow"/> starts a panel, and only the last rows of
    /// the weight leave one unfilled.
    /// </summary>
    internal void SetRows(int firstRow, ReadOnlySpan<float> values)
    {
        if (Rows == 1)
        {
            values.CopyTo(new Span<float>(Values.Pointer, Columns));
        }
        else
        {
            PackedMatrix.Pack(values, values.Length / Columns, Columns, Values.Pointer + (long)firstRow * Columns);
        }
    }

    /// <summary>Whether it belongs to this backend.</summary>
    internal bool BelongsTo(CpuBackend other) => ReferenceEquals(_backend, other);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _values is not null)
        {
            _values.Dispose();
            _values = null;
            _packedVector?.Dispose();
            _backend.WeightBytes -= SizeBytes;
        }
    }
}
