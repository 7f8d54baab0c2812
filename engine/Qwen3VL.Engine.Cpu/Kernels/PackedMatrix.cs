using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>
/// The layout of a weight <c>[rows, columns]</c> that products read: panels of 32 output features, each <c>[columns][32]</c>, so that the
/// inner loop reads memory in order. Features beyond the last are zero. Elements are of any weight type.
/// </summary>
internal static unsafe class PackedMatrix
{
    /// <summary>Output features of a panel: two 512-bit vectors.</summary>
    internal const int PanelWidth = 32;

    // Columns that are packed at a time: a cache line of the narrowest type, and 8 KiB of the widest.
    private const int PackPiece = 64;

    // Values of a row that are gathered at a time.
    private const int RowPiece = 256;

    /// <summary>Panels of a weight.</summary>
    internal static int NumPanels(int rows) => (rows + PanelWidth - 1) / PanelWidth;

    /// <summary>Values the packed form takes.</summary>
    internal static long Length(int rows, int columns) => (long)NumPanels(rows) * PanelWidth * columns;

    /// <summary>Packs row-major elements of a size of 1, 2 or 4 bytes. The destination has <see cref="Length"/> elements.</summary>
    internal static void Pack(ReadOnlySpan<byte> values, int elementBytes, int rows, int columns, byte* destination)
    {
        fixed (byte* source = values)
        {
            switch (elementBytes)
            {
                case sizeof(uint): Pack((uint*)source, rows, columns, (uint*)destination); break;
                case sizeof(ushort): Pack((ushort*)source, rows, columns, (ushort*)destination); break;
                default: Pack(source, rows, columns, destination); break;
            }
        }
    }

    /// <summary>Copies one row out of the packed form as 32-bit floats.</summary>
    internal static void UnpackRow(PackedWeight weight, int row, int columns, float* destination)
    {
        long start = (long)(row / PanelWidth) * PanelWidth * columns + row % PanelWidth;
        int size = WeightDescription.SizeOf(weight.Type);
        byte* piece = stackalloc byte[RowPiece * sizeof(float)];
        for (int column = 0; column < columns; column += RowPiece)
        {
            int count = Math.Min(RowPiece, columns - column);
            byte* source = weight.Values + (start + (long)column * PanelWidth) * size;
            switch (size)
            {
                case sizeof(uint): Gather((uint*)source, count, (uint*)piece); break;
                case sizeof(ushort): Gather((ushort*)source, count, (ushort*)piece); break;
                default: Gather(source, count, piece); break;
            }

            FloatConversion.Widen(weight.Type, new ReadOnlySpan<byte>(piece, count * size), new Span<float>(destination + column, count));
        }

        if (weight.Scales != null)
        {
            for (int column = 0; column < columns; column++)
            {
                destination[column] = destination[column] / NarrowFloats.Float8Factor * weight.ScalesAt(row / PanelWidth, column)[row % PanelWidth];
            }
        }
    }

    private static void Pack<T>(T* values, int rows, int columns, T* destination)
        where T : unmanaged
    {
        for (int panel = 0; panel < NumPanels(rows); panel++)
        {
            T* start = destination + (long)panel * PanelWidth * columns;
            T* source = values + (long)panel * PanelWidth * columns;
            int lanes = Math.Min(PanelWidth, rows - panel * PanelWidth);
            for (int column = 0; column < columns; column += PackPiece)
            {
                PackColumns(source + column, lanes, Math.Min(PackPiece, columns - column), columns, start + (long)column * PanelWidth);
            }
        }
    }

    // Rows of a weight are often a multiple of 4 KiB apart, where all of them share one set of the first-level cache: a few columns of a row are
    // read at once, so that no cache line is fetched twice.
    private static void PackColumns<T>(T* source, int lanes, int count, int stride, T* target)
        where T : unmanaged
    {
        if (lanes < PanelWidth)
        {
            new Span<T>(target, count * PanelWidth).Clear();
        }

        for (int lane = 0; lane < lanes; lane++)
        {
            T* row = source + (long)lane * stride;
            T* values = target + lane;
            for (int i = 0; i < count; i++)
            {
                values[i * PanelWidth] = row[i];
            }
        }
    }

    private static void Gather<T>(T* source, int count, T* destination)
        where T : unmanaged
    {
        for (int i = 0; i < count; i++)
        {
            destination[i] = source[(long)i * PanelWidth];
        }
    }
}
