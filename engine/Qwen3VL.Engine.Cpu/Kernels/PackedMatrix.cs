namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>
/// The layout of a weight <c>[rows, columns]</c> that products read: panels of 32 output features, each <c>[columns][32]</c>, so that the
/// inner loop reads memory in order. Features beyond the last are zero.
/// </summary>
internal static unsafe class PackedMatrix
{
    /// <summary>Output features of a panel: two 512-bit vectors.</summary>
    internal const int PanelWidth = 32;

    /// <summary>Panels of a weight.</summary>
    internal static int NumPanels(int rows) => (rows + PanelWidth - 1) / PanelWidth;

    /// <summary>Values the packed form takes.</summary>
    internal static long Length(int rows, int columns) => (long)NumPanels(rows) * PanelWidth * columns;

    /// <summary>Packs row-major values. The destination has <see cref="Length"/> values.</summary>
    internal static void Pack(ReadOnlySpan<float> values, int rows, int columns, float* destination)
    {
        for (int panel = 0; panel < NumPanels(rows); panel++)
        {
            float* start = destination + (long)panel * PanelWidth * columns;
            for (int lane = 0; lane < PanelWidth; lane++)
            {
                int row = panel * PanelWidth + lane;
                ReadOnlySpan<float> source = row < rows ? values.Slice(row * columns, columns) : [];
                for (int column = 0; column < columns; column++)
                {
                    start[(long)column * PanelWidth + lane] = row < rows ? source[column] : 0;
                }
            }
        }
    }

    /// <summary>Copies one row out of the packed form.</summary>
    internal static void UnpackRow(float* packed, int row, int columns, float* destination)
    {
        float* source = packed + (long)(row / PanelWidth) * PanelWidth * columns + row % PanelWidth;
        for (int column = 0; column < columns; column++)
        {
            destination[column] = source[(long)column * PanelWidth];
        }
    }
}
