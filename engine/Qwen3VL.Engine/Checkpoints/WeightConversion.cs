using System.Buffers;
using System.Runtime.InteropServices;
using Qwen3VL.Engine.Backends;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>Presents weights in another element type than they are stored in, converting rows as they are read.</summary>
internal static class WeightConversion
{
    // Bytes of stored rows on their way through a conversion; a longer row goes alone.
    private const int PieceBytes = 256 * 1024;

    /// <summary>The weight in the type that an option asks for.</summary>
    internal static StoredWeight Convert(StoredWeight weight, WeightStorage storage) => storage switch
    {
        WeightStorage.Stored => weight,
        WeightStorage.F32 => ToFloat32(weight),
        WeightStorage.BF16 => ToBFloat16(weight),
        _ => throw new ArgumentOutOfRangeException(nameof(storage), storage, "storage must be one of the known ones"),
    };

    /// <summary>The same values as 32-bit floats, scales multiplied in.</summary>
    internal static StoredWeight ToFloat32(StoredWeight weight)
    {
        WeightDescription description = weight.Description;
        return description.Type == WeightType.F32 && description.Scales is null
            ? weight
            : new StoredWeight(
                description with { Type = WeightType.F32, Scales = null },
                (firstRow, destination) => ReadFloats(weight, firstRow, MemoryMarshal.Cast<byte, float>(destination)));
    }

    /// <summary>The values rounded to bfloat16, scales multiplied in before.</summary>
    internal static StoredWeight ToBFloat16(StoredWeight weight)
    {
        WeightDescription description = weight.Description;
        return description.Type == WeightType.BF16 && description.Scales is null
            ? weight
            : new StoredWeight(
                description with { Type = WeightType.BF16, Scales = null },
                (firstRow, destination) => ReadBFloat16(weight, firstRow, MemoryMarshal.Cast<byte, ushort>(destination)));
    }

    /// <summary>Reads whole rows as 32-bit floats.</summary>
    internal static void ReadFloats(StoredWeight weight, int firstRow, Span<float> destination)
    {
        WeightDescription description = weight.Description;
        if (description.Type == WeightType.F32 && description.Scales is null)
        {
            weight.Read(firstRow, MemoryMarshal.AsBytes(destination));
            return;
        }

        int rowBytes = checked((int)description.RowBytes);
        int pieceRows = Math.Max(1, PieceBytes / rowBytes);
        byte[] piece = ArrayPool<byte>.Shared.Rent(checked(Math.Min(pieceRows, destination.Length / description.Columns) * rowBytes));
        try
        {
            while (!destination.IsEmpty)
            {
                int rows = Math.Min(pieceRows, destination.Length / description.Columns);
                Span<byte> stored = piece.AsSpan(0, rows * rowBytes);
                weight.Read(firstRow, stored);
                Widen(description, firstRow, stored, destination[..(rows * description.Columns)]);
                destination = destination[(rows * description.Columns)..];
                firstRow += rows;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    /// <summary>Widens whole rows and multiplies each value with its scale, rounding once.</summary>
    internal static void Widen(WeightDescription description, int firstRow, ReadOnlySpan<byte> stored, Span<float> destination)
    {
        FloatConversion.Widen(description.Type, stored, destination);
        if (description.Scales is { } scales)
        {
            for (int row = 0; row * description.Columns < destination.Length; row++)
            {
                Scale(scales, firstRow + row, destination.Slice(row * description.Columns, description.Columns));
            }
        }
    }

    private static void Scale(WeightScales scales, int row, Span<float> values)
    {
        ReadOnlySpan<float> factors = scales.RowOf(row);
        for (int block = 0; block < factors.Length; block++)
        {
            Span<float> part = values[(block * scales.BlockColumns)..Math.Min(values.Length, (block + 1) * scales.BlockColumns)];
            float factor = factors[block];
            for (int i = 0; i < part.Length; i++)
            {
                part[i] *= factor;
            }
        }
    }

    private static void ReadBFloat16(StoredWeight weight, int firstRow, Span<ushort> destination)
    {
        int columns = weight.Description.Columns;
        int pieceRows = Math.Max(1, PieceBytes / sizeof(float) / columns);
        float[] values = ArrayPool<float>.Shared.Rent(checked(Math.Min(pieceRows, destination.Length / columns) * columns));
        try
        {
            while (!destination.IsEmpty)
            {
                int rows = Math.Min(pieceRows, destination.Length / columns);
                Span<float> piece = values.AsSpan(0, rows * columns);
                ReadFloats(weight, firstRow, piece);
                FloatConversion.ToBFloat16(piece, destination[..piece.Length]);
                destination = destination[piece.Length..];
                firstRow += rows;
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(values);
        }
    }
}
