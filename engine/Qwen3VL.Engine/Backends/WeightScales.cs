namespace Qwen3VL.Engine.Backends;

/// <summary>
/// Factors of a weight by blocks: value <c>(row, column)</c> is <c>stored * At(row, column)</c>, rounded once to a 32-bit float. The grid may
/// belong to a taller matrix of which the weight is a part, so that blocks need not begin where the weight does.
/// <code>
/// grid rows   |--- 0 ---|--- 1 ---|- 2 -|        block of 128, matrix of 272 rows
/// weight          |------ rows -------|          FirstRow = 136: row 0 of the weight has the scale of grid row 1
/// </code>
/// </summary>
/// <param name="Values">Grid, row-major: <c>[grid rows, GridColumns]</c>.</param>
/// <param name="GridColumns">Blocks over the columns of the weight.</param>
/// <param name="BlockRows">Rows of a block.</param>
/// <param name="BlockColumns">Columns of a block.</param>
/// <param name="FirstRow">Row of the matrix of the grid that is row 0 of the weight.</param>
public sealed record WeightScales(ReadOnlyMemory<float> Values, int GridColumns, int BlockRows, int BlockColumns, int FirstRow = 0)
{
    /// <summary>The factor of one value.</summary>
    public float At(int row, int column) => RowOf(row)[column / BlockColumns];

    /// <summary>The factors of one row, one for each <see cref="BlockColumns"/> columns.</summary>
    public ReadOnlySpan<float> RowOf(int row) =>
        Values.Span.Slice(checked((int)((long)row + FirstRow) / BlockRows * GridColumns), GridColumns);

    /// <summary>Throws unless the grid covers a weight of a shape.</summary>
    /// <exception cref="ArgumentException">It does not.</exception>
    public void CheckCovers(string name, int rows, int columns)
    {
        bool isPositive = BlockRows > 0 && BlockColumns > 0 && FirstRow >= 0;
        long gridRows = isPositive ? ((long)FirstRow + rows - 1) / BlockRows + 1 : 0;
        if (!isPositive || GridColumns != (columns - 1) / BlockColumns + 1 || Values.Length < gridRows * GridColumns)
        {
            throw new ArgumentException(
                $"scales of {name} must cover [{rows}, {columns}] from row {FirstRow} in blocks of {BlockRows} x {BlockColumns}; " +
                $"got {Values.Length} values in {GridColumns} columns");
        }
    }
}
