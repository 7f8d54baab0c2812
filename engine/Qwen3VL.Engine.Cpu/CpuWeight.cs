using System.Runtime.InteropServices;
using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Cpu.Kernels;
using Qwen3VL.Engine.Cpu.Memory;

namespace Qwen3VL.Engine.Cpu;

/// <summary>
/// A weight in native memory: a matrix as <see cref="PackedMatrix"/> in the type it came in, once, for products and for embedding rows alike;
/// a vector as 32-bit floats.
/// </summary>
internal sealed unsafe class CpuWeight : Weight
{
    private readonly CpuBackend _backend;
    private readonly WeightDescription _description;
    private NativeBuffer? _values;
    private readonly NativeBuffer? _scales;
    private NativeBuffer? _packedVector;

    /// <summary>
    /// Allocates a weight without values; <see cref="SetRows"/> gives every row its own. A vector is described as 32-bit floats.
    /// </summary>
    internal CpuWeight(CpuBackend backend, WeightDescription description)
        : base(description.Name, description.Rows, description.Columns)
    {
        // The 8-bit kernels always multiply; one is exact.
        description = description is { Type: WeightType.F8E4M3, Scales: null }
            ? description with { Scales = new WeightScales(new float[] { 1 }, 1, Rows, Columns) }
            : description;
        _backend = backend;
        _description = description;
        _values = Allocate(Rows == 1 ? description.RowBytes : PackedMatrix.Length(Rows, Columns) * description.ElementBytes);
        try
        {
            if (description.Scales is { } scales)
            {
                _scales = Allocate((long)PackedMatrix.NumPanels(Rows) * scales.GridColumns * PackedMatrix.PanelWidth * sizeof(float));
                SpreadScales(scales, _scales.Pointer);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Bytes of native memory.</summary>
    internal long SizeBytes { get; private set; }

    /// <summary>The values of a vector.</summary>
    internal float* Vector => Values.Pointer;

    /// <summary>The packed form. A vector is packed on first use as a matrix of one row, which no model of this family does.</summary>
    internal PackedWeight Packed
    {
        get
        {
            NativeBuffer values = Values;
            if (Rows == 1)
            {
                if (_packedVector is null)
                {
                    _packedVector = Allocate(PackedMatrix.Length(1, Columns) * sizeof(float));
                    PackedMatrix.Pack(
                        MemoryMarshal.AsBytes(new ReadOnlySpan<float>(values.Pointer, Columns)), sizeof(float), 1, Columns, (byte*)_packedVector.Pointer);
                }

                values = _packedVector;
            }

            return new PackedWeight
            {
                Values = (byte*)values.Pointer,
                Type = _description.Type,
                Scales = _scales is null ? null : _scales.Pointer,
                ScaleDepth = _description.Scales?.BlockColumns ?? Columns,
                ScaleBlocks = _description.Scales?.GridColumns ?? 1,
            };
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
    /// Copies whole row-major rows of the weight's type; lengths are checked by the caller. <paramref name="firstRow"/> starts a panel, and only
    /// the last rows of the weight leave one unfilled. May run on several threads for different panels.
    /// </summary>
    internal void SetRows(int firstRow, ReadOnlySpan<byte> values)
    {
        byte* destination = (byte*)Values.Pointer;
        if (Rows == 1)
        {
            values.CopyTo(new Span<byte>(destination, checked((int)_description.RowBytes)));
        }
        else
        {
            int rows = (int)(values.Length / _description.RowBytes);
            PackedMatrix.Pack(values, _description.ElementBytes, rows, Columns, destination + firstRow * _description.RowBytes);
        }
    }

    /// <summary>Whether a matrix can be held as described: scales must be 8-bit floats' own and leave room for the exponent's correction.</summary>
    internal static bool Holds(WeightDescription description) =>
        description.Scales is not { } scales ||
        (description.Type == WeightType.F8E4M3 && !scales.Values.Span.ContainsAnyExceptInRange(-NarrowFloats.Float8LargestScale, NarrowFloats.Float8LargestScale));

    /// <summary>Whether it belongs to this backend.</summary>
    internal bool BelongsTo(CpuBackend other) => ReferenceEquals(_backend, other);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _values is not null)
        {
            _values.Dispose();
            _values = null;
            _scales?.Dispose();
            _packedVector?.Dispose();
            _backend.WeightBytes -= SizeBytes;
        }
    }

    private NativeBuffer Allocate(long bytes)
    {
        NativeBuffer buffer = NativeBuffer.Allocate((bytes + sizeof(float) - 1) / sizeof(float));
        SizeBytes += buffer.Length * sizeof(float);
        _backend.WeightBytes += buffer.Length * sizeof(float);
        return buffer;
    }

    // [panel][block of inputs][32]: products read the scales of a panel as vectors, wherever blocks of the stored grid begin. Features beyond
    // the last are zero and keep a scale of zero. The factor that corrects the exponent of E4M3 is in them; a power of two rounds nothing.
    private void SpreadScales(WeightScales scales, float* destination)
    {
        for (int row = 0; row < PackedMatrix.NumPanels(Rows) * PackedMatrix.PanelWidth; row++)
        {
            ReadOnlySpan<float> factors = row < Rows ? scales.RowOf(row) : [];
            float* target = destination + (long)(row / PackedMatrix.PanelWidth) * scales.GridColumns * PackedMatrix.PanelWidth + row % PackedMatrix.PanelWidth;
            for (int block = 0; block < scales.GridColumns; block++)
            {
                target[(long)block * PackedMatrix.PanelWidth] = row < Rows ? factors[block] * NarrowFloats.Float8Factor : 0;
            }
        }
    }
}
