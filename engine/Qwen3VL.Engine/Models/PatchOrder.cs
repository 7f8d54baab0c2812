using Qwen3VL.Engine.Processing;

namespace Qwen3VL.Engine.Models;

/// <summary>
/// The order of patches inside a frame pair (spec 3.1): the four patches of a merge block stand together.
/// <code>
/// grid 4 x 4:    0  1 |  4  5
///                2  3 |  6  7
///                -----+------
///                8  9 | 12 13
///               10 11 | 14 15
/// </code>
/// </summary>
internal static class PatchOrder
{
    /// <summary>Patch row and column of a patch index; frame pairs repeat.</summary>
    internal static (int Row, int Column) RowAndColumn(GridThw grid, int patch)
    {
        int inFrame = patch % (grid.Height * grid.Width);
        int block = inFrame / 4;
        int inBlock = inFrame % 4;
        int blocksPerRow = grid.Width / 2;
        return (block / blocksPerRow * 2 + inBlock / 2, block % blocksPerRow * 2 + inBlock % 2);
    }
}
