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

    /// <summary>Copies row-major values; lengths are checked by the caller.</summary>
    internal CpuWeight(CpuBackend backend, string name, ReadOnlySpan<float> values, int rows, int columns)
        : base(name, rows, columns)
    {
        _backend = backend;
        if (rows == 1)
        {
            _values = NativeBuffer.Allocate(columns);
            values.CopyTo(new Span<float>(_values.Pointer, columns));
        }
        else
        {
            _values = NativeBuffer.Allocate(PackedMatrix.Length(rows, columns));
            PackedMatrix.Pack(values, rows, columns, _values.Pointer);
        }

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
